"""The floor page as HTML, the manifest and the service worker's list: what is the same for everyone.

The page holds no document; its script asks for them with the visitor's cookie. It is no Gradio page, because it has to
open and to work while the server is away. Its addresses are relative, so that it works below any path.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from assistant.schema import Language
from assistant.web.floor.texts import TEXTS, text

#: The files of the page, by name, with their media type.
LOOK = Path(__file__).with_name("look")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
_WEB = Path(__file__).resolve().parent.parent
#: Files of all pages that this one needs as well.
_SHARED = (_WEB / "tokens.css", _WEB / "look" / "theme.js")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def look(name: str) -> tuple[Path, str] | None:
    """A file of the page with its media type; None when there is none of that name."""
    path = LOOK / name
    return (path, _TYPES[path.suffix]) if path.name in _names() else None


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(path.name for path in LOOK.iterdir() if path.suffix in _TYPES)


def render_page(language: Language) -> str:
    """The page; its script fills it."""

    def t(key: str, tag: str, attributes: str = "") -> str:
        return f'<{tag} data-t="{key}"{attributes}>{escape(text(language, key))}</{tag}>'

    def named(key: str) -> str:
        return f'data-label="{key}" aria-label="{escape(text(language, key))}"'

    digits = "".join(f'<button type="button" data-key="{digit}">{digit}</button>' for digit in "123456789")
    texts = json.dumps(TEXTS, ensure_ascii=False).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#0b1412">
<title data-t="title">{escape(text(language, "title"))}</title>
<link rel="manifest" href="floor/manifest.webmanifest">
<link rel="icon" href="floor/look/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="floor/look/icon-192.png">
<script src="look/theme.js"></script>
<link rel="stylesheet" href="look/tokens.css"><link rel="stylesheet" href="floor/look/floor.css">
<script type="application/json" id="texts">{texts}</script>
<script type="module" src="floor/look/main.js"></script></head>
<body class="floor" data-view="machine">
<header class="bar"><button type="button" class="k back" id="back" {named("back")}>←</button>
<button type="button" class="m" id="machine"><b>{escape(text(language, "machines"))}</b><small></small></button>
<button type="button" class="k" id="language" lang="{"en" if language == "ko" else "ko"}">{
        escape(text(language, "language"))
    }</button></header>
<div class="net" id="net" role="status" hidden></div>
<main class="main">
<section class="pane left" id="left" {named("find")}>
{t("find", "h1", ' class="unseen"')}
<div class="tabs" role="tablist"><button type="button" role="tab" id="tab-code" aria-controls="by-code">{
        escape(text(language, "tab_code"))
    }</button><button type="button" role="tab" id="tab-words" aria-controls="by-words">{
        escape(text(language, "tab_words"))
    }</button></div>
<div class="by" id="by-code" role="tabpanel" aria-labelledby="tab-code">
<div class="typed"><input id="typed" inputmode="none" autocomplete="off" autocapitalize="characters" spellcheck="false"
 maxlength="16" {named("code")}><small id="hits" role="status"></small></div>
<div class="sug" id="suggested"></div>
<div class="keys" id="groups" role="group" {named("groups")}></div>
<div class="keys nums" id="digits" role="group" {named("keys")}>{digits}{
        t("clear", "button", ' type="button" class="w" data-key="clear"')
    }<button type="button" data-key="0">0</button><button type="button" data-key="erase" {
        named("erase")
    }>⌫</button></div></div>
<div class="by" id="by-words" role="tabpanel" aria-labelledby="tab-words">
<form id="ask" class="ask"><label for="symptom" data-t="symptom">{escape(text(language, "symptom"))}</label>
<div><input class="input" id="symptom" maxlength="200" autocomplete="off" enterkeyhint="search">{
        t("search", "button", ' class="btn main big" type="submit"')
    }</div></form>
<div class="sug" id="nearest"><h2 id="nearest-said" role="status"></h2><div id="nearest-list"></div></div>
{t("none_of_these", "button", ' type="button" class="btn big" id="none"')}</div>
</section>
<section class="pane right" id="right" {named("found")}><div class="res" id="result" tabindex="-1"></div>
<footer class="foot" id="foot" hidden></footer></section>
</main>
<dialog class="full" id="full" {named("manual")}><div class="tools">{
        t("smaller", "button", ' type="button" class="btn" data-zoom="-1"')
    }{t("larger", "button", ' type="button" class="btn" data-zoom="1"')}{
        t("close", "button", ' type="button" class="btn" id="shut"')
    }</div><div class="sheet" tabindex="0"></div></dialog>
<noscript>{t("needs_script", "p")}</noscript>
</body></html>
"""


def manifest(language: Language) -> dict[str, Any]:
    """The web app manifest: what an installed page is called and looks like. Addresses count from its own."""
    icons = [
        {"src": "look/icon.svg", "sizes": "any", "type": "image/svg+xml"},
        *(
            {"src": f"look/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
            for size in (192, 512)
            for use in ("any", "maskable")
        ),
    ]
    return {
        "name": text(language, "title"),
        "short_name": text(language, "short_name"),
        "lang": language,
        "start_url": "../floor",
        "scope": "../floor",
        "display": "standalone",
        "background_color": "#eef1f0",
        "theme_color": "#0b1412",
        "icons": icons,
    }


@lru_cache(maxsize=1)
def worker() -> str:
    """The service worker, with the files that it keeps, counted from its address, and a mark that changes with them."""
    names = sorted(_names() - {"worker.js"})
    kept = ["../floor", *(f"../look/{path.name}" for path in _SHARED), *(f"look/{name}" for name in names)]
    said = hashlib.sha256(render_page("ko").encode() + b"".join(path.read_bytes() for path in _SHARED))
    for name in [*names, "worker.js"]:
        said.update((LOOK / name).read_bytes())
    head = f"const MARK = {json.dumps(said.hexdigest()[:12])};\nconst FILES = {json.dumps(kept)};\n"
    return head + (LOOK / "worker.js").read_text(encoding="utf-8")
