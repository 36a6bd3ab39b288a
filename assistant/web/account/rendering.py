"""The account pages as HTML: pure functions, every value escaped, no script."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from assistant.accounts.passwords import LONGEST, SHORTEST
from assistant.accounts.tokens import SCOPES, Token
from assistant.accounts.visitors import Visitor
from assistant.schema import Language
from assistant.web.account.forms import FIELD
from assistant.web.account.texts import text
from assistant.web.doors import DOORS
from assistant.web.navigation import navigation, pages_of
from assistant.web.texts import LANGUAGE_NAMES, LANGUAGES


@dataclass(frozen=True, slots=True)
class View:
    """What every page needs: language and address, the mark of its forms, the root path of all addresses.

    `groups` are its reader's. `theme`: the choice of dark or light, if one was made: these pages have no script that
    sets it.
    """

    language: Language
    path: str
    mark: str
    root: str = ""
    theme: str = ""
    groups: Collection[str] = ()

    def say(self, key: str, **values: object) -> str:
        """The text of `key`, escaped."""
        return escape(text(self.language, key, **values))


def render_document(view: View, title: str, body: str) -> str:
    """A whole page with its head: product, pages, languages."""
    languages = "".join(
        f'<a href="?lang={one}" lang="{one}"{" aria-current=true" if one == view.language else ""}>'
        f"{escape(LANGUAGE_NAMES[one])}</a>"
        for one in LANGUAGES
    )
    theme = f' data-theme="{view.theme}"' if view.theme else ""
    return (
        f'<!doctype html><html lang="{view.language}"{theme}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {view.say('product')}</title>"
        f'<link rel="stylesheet" href="{view.root}/look/tokens.css">'
        f'<link rel="stylesheet" href="{view.root}/look/account.css"></head>'
        f'<body><header class="head"><a class="name" href="{view.root}/">{view.say("product")}</a>'
        f"{navigation('', view.language, view.groups, there=pages_of(DOORS), root=view.root)}"
        f'<div class="end"><div class="seg" role="group" aria-label="{view.say("language")}">{languages}</div></div>'
        "</header>"
        f"<main>{body}</main></body></html>"
    )


def render_sign_in(view: View, *, error: str = "", name: str = "", goes_to: str = "/", provider: str = "") -> str:
    """The sign-in page. `error` is a sentence; `name` what was typed; `provider` offers single sign-on."""
    wrong = ' aria-invalid="true" aria-describedby="said"' if error else ""
    focus = {"name": "" if name else " autofocus", "password": " autofocus" if name else ""}
    sso = (
        f'<div class="or"><a class="btn" href="{view.root}/sign-in/provider?next={quote(goes_to)}">'
        f"{view.say('sso', provider=provider)}</a></div>"
        if provider
        else ""
    )
    body = (
        f'<section class="box sign"><h1>{view.say("sign_in")}</h1><p class="small soft">{view.say("sign_in_hint")}</p>'
        f'<form method="post" action="{view.root}/sign-in">{_error(error)}{_hidden(view, goes_to=goes_to)}'
        f'<label class="field"><span>{view.say("name")}</span><input class="input" name="name" type="text" '
        f'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64" '
        f'value="{escape(name)}"{wrong}{focus["name"]}></label>'
        f'<label class="field"><span>{view.say("password")}</span><input class="input" name="password" type="password" '
        f'autocomplete="current-password" required maxlength="{LONGEST}"{wrong}{focus["password"]}></label>'
        f'<button class="btn main">{view.say("sign_in")}</button></form>{sso}'
        f'<p class="small soft">{view.say("sign_in_foot")} <a href="{view.root}/">{view.say("ask_without")}</a></p>'
        "</section>"
    )
    return render_document(view, text(view.language, "sign_in"), body)


def render_link(view: View, purpose: str, name: str, *, error: str = "") -> str:
    """The page that an invitation or reset link opens. `purpose` is a key of the texts."""
    body = (
        f'<section class="box sign"><h1>{view.say(purpose)}</h1>'
        f'<p class="small soft">{view.say(f"{purpose}_hint", name=name)}</p>'
        f'<form method="post" action="{escape(view.path)}">{_error(error)}{_hidden(view)}'
        f"{_whose(view, name)}"
        f'{_new_password(view, bool(error), focus=True)}<button class="btn main">{view.say("save")}</button></form>'
        "</section>"
    )
    return render_document(view, text(view.language, purpose), body)


def render_notice(view: View, title: str, said: str) -> str:
    """A page that only says something and leads on: a link that has expired, accounts that cannot be reached."""
    body = (
        f'<section class="box sign"><h1>{view.say(title)}</h1>{_error(said)}'
        f'<p class="small"><a class="link" href="{view.root}/">{view.say("ask_without")}</a></p></section>'
    )
    return render_document(view, text(view.language, title), body)


def render_account(
    view: View,
    visitor: Visitor,
    tokens: Sequence[Token],
    *,
    errors: Mapping[str, str],
    done: str = "",
    made: str = "",
    has_password: bool = True,
) -> str:
    """The account page. `errors`: sentences by form (password, tokens); `done`: what succeeded; `made`: a new token."""
    labels = "".join(f'<span class="tag">{escape(label)}</span>' for label in sorted(visitor.labels))
    said = f'<p class="box yes said" role="status">{escape(done)}</p>' if done else ""
    password = (
        f'<section class="box wide"><h2>{view.say("change_password")}</h2>'
        f'<form method="post" action="{view.root}/account/password">{_error(errors.get("password", ""))}{_hidden(view)}'
        f"{_whose(view, visitor.name)}"
        f'<label class="field"><span>{view.say("old_password")}</span><input class="input" name="old" type="password" '
        f'autocomplete="current-password" required maxlength="{LONGEST}"></label>'
        f'{_new_password(view, "password" in errors)}<button class="btn">{view.say("change_password")}</button></form>'
        "</section>"
    )
    body = (
        f'<section class="box wide"><h1>{view.say("account")}</h1><p>{view.say("signed_in_as", name=visitor.name)}</p>'
        f'{said}<p class="small soft">{view.say("may_see")}</p><p class="groups">{labels}</p>'
        f'<form class="line" method="post" action="{view.root}/sign-out">{_hidden(view)}'
        f'<a class="btn main" href="{view.root}/">{view.say("to_questions")}</a>'
        f'<button class="btn">{view.say("sign_out")}</button></form></section>'
        f"{password if has_password else ''}{_render_tokens(view, tokens, errors.get('tokens', ''), made)}"
        f'<section class="box wide">'
        f'<form class="line" method="post" action="{view.root}/account/sessions">{_hidden(view)}'
        f'<button class="btn">{view.say("sign_out_all")}</button></form>'
        f'<p class="small soft">{view.say("sign_out_all_hint")}</p></section>'
    )
    return render_document(view, text(view.language, "account"), body)


def _render_tokens(view: View, tokens: Sequence[Token], error: str, made: str) -> str:
    rows = "".join(
        f'<li><div><b>{escape(token.name)}</b><p class="tiny soft">{_render_facts(view, token)}</p></div>'
        f'<form class="line" method="post" action="{view.root}/account/tokens/{escape(token.id)}">{_hidden(view)}'
        f'<button class="btn dense" aria-label="{view.say("revoke_named", name=token.name)}">{view.say("revoke")}'
        "</button></form></li>"
        for token in tokens
    )
    new = (
        f'<div class="box note said" role="status">{view.say("token_made")}<p class="secret">{escape(made)}</p></div>'
        if made
        else ""
    )
    scopes = "".join(
        f'<label class="check"><input type="checkbox" name="scopes" value="{scope}" checked>'
        f"{view.say(f'scope_{scope}')}</label>"
        for scope in SCOPES
    )
    return (
        f'<section class="box wide"><h2>{view.say("tokens")}</h2><p class="small soft">{view.say("tokens_hint")}</p>'
        f"{new}{f'<ul class=tokens>{rows}</ul>' if rows else ''}"
        f'<form method="post" action="{view.root}/account/tokens">{_error(error)}{_hidden(view)}'
        f'<label class="field"><span>{view.say("token_name")}</span><input class="input" name="token_name" required '
        f'maxlength="80" autocomplete="off"></label>'
        f"<fieldset><legend>{view.say('scopes')}</legend>{scopes}</fieldset>"
        f'<label class="field"><span>{view.say("token_days")}</span><input class="input" name="days" type="number" '
        f'min="1" max="3650" inputmode="numeric" autocomplete="off"></label>'
        f'<button class="btn">{view.say("make_token")}</button></form></section>'
    )


def _render_facts(view: View, token: Token) -> str:
    scopes = ", ".join(text(view.language, f"scope_{scope}") for scope in token.scopes)
    until = view.say("token_until", date=_day(token.expires_at)) if token.expires_at else view.say("token_for_ever")
    used = view.say("token_used", date=_day(token.used_at)) if token.used_at else view.say("token_unused")
    return " · ".join((escape(scopes), until, used))


def _day(seconds: int | None) -> str:
    return datetime.fromtimestamp(seconds or 0, UTC).date().isoformat()


def _new_password(view: View, wrong: bool, focus: bool = False) -> str:
    invalid = ' aria-invalid="true"' if wrong else ""
    return (
        f'<label class="field"><span>{view.say("new_password")}</span><input class="input" name="new" type="password" '
        f'autocomplete="new-password" required minlength="{SHORTEST}" maxlength="{LONGEST}" '
        f'aria-describedby="rule"{invalid}{" autofocus" if focus else ""}></label>'
        f'<p class="hint" id="rule">{view.say("password_hint", shortest=SHORTEST)}</p>'
        f'<label class="field"><span>{view.say("new_password_again")}</span><input class="input" name="again" '
        f'type="password" autocomplete="new-password" required minlength="{SHORTEST}" maxlength="{LONGEST}"{invalid}>'
        "</label>"
    )


def _whose(view: View, name: str) -> str:
    """The user name, for password managers only: they learn whose the new password is."""
    return (
        f'<input class="unseen" name="name" type="text" autocomplete="username" value="{escape(name)}" readonly '
        f'tabindex="-1" aria-hidden="true">'
    )


def _hidden(view: View, **fields: str) -> str:
    values = {FIELD: view.mark, **fields}
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items())


def _error(sentence: str) -> str:
    return f'<p class="box no said" id="said" role="alert">{escape(sentence)}</p>' if sentence else ""
