"""What each answer tells the browser about its use: no frames, no guessing, no other hosts, no scripts but our own.

The page's library needs two things that a policy would rather forbid, measured in a browser: it evaluates strings (its
HTML component and the page's few lines of JavaScript) and writes style elements. Scripts in the page itself carry a
mark (nonce) that is new with each answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.web.doors import Rule

Header = tuple[bytes, bytes]

#: For all but the page: JSON, texts, files. The account pages bring a policy of their own.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_EVENTS = b"text/event-stream"


def headers_for(
    given: Iterable[Header], rule: Rule | None, nonce: str, *, secure: bool, hsts_days: int
) -> list[Header]:
    """The headers of an answer, with ours; what the application gave stays where it is stricter or says more.

    `rule`: of the door that was gone through, None for what is refused. `secure`: the reader comes over HTTPS.
    """
    # the page's library lets every other site read along, once the server has a public name
    kept = [(name.lower(), value) for name, value in given if not name.lower().startswith(b"access-control-")]
    policy = _PAGE.format(nonce=nonce) if rule == "page" else _NOTHING
    ours = [*_ALWAYS, (b"content-security-policy", policy.encode())]
    if rule == "page":
        ours.append((b"cache-control", b"no-cache, private"))  # each nonce is for one answer
    elif rule != "open":
        ours.append((b"cache-control", b"no-store"))
    if secure:
        ours.append((b"cross-origin-opener-policy", b"same-origin"))
        if hsts_days:
            ours.append((b"strict-transport-security", f"max-age={hsts_days * 86_400}".encode()))
    known = dict(kept)
    if known.get(b"content-type", b"").startswith(_EVENTS):
        ours.append((b"x-accel-buffering", b"no"))  # nginx would keep events until there are many
    return kept + [pair for pair in ours if pair[0] not in known]
