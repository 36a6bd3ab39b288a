"""Single sign-on by OpenID Connect: authorization code with PKCE, the ID token checked, groups from its claims.

Authlib speaks the protocol. This module knows no browser: it makes the address to send one to, and reads what one comes
back with. A provider is asked only while somebody signs in with it.
"""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.accounts.digests import digest
from assistant.accounts.groups import is_group, normal_name
from assistant.errors import SignOnFailed

#: Signatures that are taken: public keys only, so that no client secret can forge a token.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "ES384", "ES512"]
#: Seconds for which a provider's description and keys are kept, and which it may take to answer.
_KEPT_S, _PATIENCE_S = 3600, 10
#: Clocks that differ by so many seconds are the same.
_LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Started:
    """What must come back unchanged, or stays with us, between leaving for the provider and returning."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `groups` is None when it says nothing of groups."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...] | None


@dataclass
class Provider:
    """One provider. `groups` translates its groups to ours; a group that is neither named there nor ours is dropped."""

    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile"
    groups_claim: str = "groups"
    groups: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def begin(self, back: str) -> tuple[str, Started]:
        """The address to send a browser to, which then returns to `back`. Raises SignOnFailed."""
        started = Started(*(secrets.token_urlsafe(32) for _ in range(3)))
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._described()["authorization_endpoint"],
                state=started.state,
                nonce=started.nonce,
                code_verifier=started.verifier,
            )
        return str(address), started

    def finish(self, returned: str, started: Started, back: str) -> Identity:
        """Who comes back with the address `returned`. Raises SignOnFailed for whatever is not exactly right."""
        from authlib.common.errors import AuthlibBaseError

        with self._client(back) as client:
            described = self._described()
            try:
                token = client.fetch_token(
                    described["token_endpoint"],
                    authorization_response=returned,
                    state=started.state,
                    code_verifier=started.verifier,
                )
            except (AuthlibBaseError, ValueError, KeyError, *_errors_of(client)) as exc:
                raise _failed(exc) from exc
            claims = self._claims(token, started.nonce, described)
        return Identity(self.issuer, str(claims["sub"]), _name(claims), self._groups(claims))

    def _client(self, back: str) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            self.client_id,
            self.client_secret,
            scope=self.scope,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_PATIENCE_S,
        )

    def _described(self) -> dict[str, Any]:
        described = self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if str(described.get("issuer", "")).rstrip("/") != self.issuer.rstrip("/"):
            raise SignOnFailed("The provider calls itself by another address.", "Correct the setting oidc_issuer.")
        if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= described.keys():
            raise SignOnFailed("The provider does not describe itself in full.", "Check the setting oidc_issuer.")
        return described

    def _fetched(self, address: str, fresh: bool = False) -> dict[str, Any]:
        """The JSON object at `address`, kept for an hour."""
        since, value = self._kept.get(address, (0.0, {}))
        if fresh or not value or self.clock() - since > _KEPT_S:
            import httpx

            try:
                answer = httpx.get(address, timeout=_PATIENCE_S)
                answer.raise_for_status()
                value = answer.json()
                if not isinstance(value, dict):
                    raise ValueError("not a JSON object")
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
                raise _failed(exc) from exc
            self._kept[address] = (self.clock(), value)
        return value

    def _claims(self, token: Mapping[str, Any], nonce: str, described: Mapping[str, Any]) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for fresh in (False, True):  # a key that we do not know yet may be a new one
            try:
                keys = KeySet.import_key_set(self._fetched(described["jwks_uri"], fresh))  # type: ignore[arg-type]
                decoded = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS)
                claims = CodeIDToken(
                    decoded.claims,
                    decoded.header,
                    {
                        "iss": {"essential": True, "value": described["issuer"]},
                        "aud": {"essential": True, "values": [self.client_id]},
                        "nonce": {"essential": True, "value": nonce},
                    },
                    {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
                )
                claims.validate(now=int(self.clock()), leeway=_LEEWAY_S)
                return dict(decoded.claims)
            except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError) as exc:
                if fresh:
                    raise _failed(exc) from exc
        raise AssertionError("unreachable")

    def _groups(self, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
        said = claims.get(self.groups_claim)
        if said is None:
            return None
        named = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        ours = (self.groups.get(str(group), str(group)) for group in named)
        return tuple(sorted({group for group in ours if is_group(group)}))


def _name(claims: Mapping[str, Any]) -> str:
    """A user name of what the provider calls the person."""
    called = str(claims.get("preferred_username") or claims.get("email") or "")
    tidy = re.sub(r"[^a-z0-9가-힣._@+-]+", "-", normal_name(called)).strip("._@+-")[:64].rstrip("._@+-")
    return tidy or f"user-{digest(str(claims['sub']))[:12]}"


def _errors_of(client: Any) -> tuple[type[Exception], ...]:
    """The errors of the HTTP library that Authlib's client is built on: httpx or its successor."""
    library = next(kind.__module__.split(".")[0] for kind in type(client).__mro__ if kind.__name__ == "BaseClient")
    return (sys.modules[library].HTTPError,)


def _failed(exc: BaseException) -> SignOnFailed:
    return SignOnFailed(f"Signing in with the provider failed ({type(exc).__name__}).", "Try again.")
