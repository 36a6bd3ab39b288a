"""The fields of a profile as HTML inputs, with the message of one that could not be used."""

from __future__ import annotations

from html import escape

from assistant.finder.fields import fields
from assistant.rules.definition import Input
from assistant.web.programmes.firm import VALUE_CHARS
from assistant.web.programmes.parts import Page

#: Choices up to this many are pressed, more are chosen from a list.
_FEW = 5


def render_input(page: Page, name: str, value: str, *, wrong: bool = False, pressed: bool = False) -> str:
    """An input without its label, which is `label-{name}`. `pressed`: few choices as buttons in a row."""
    entry = fields()[name].entry
    said = f'<p class="wrong" id="wrong-{name}">{page.say(wrong_key(entry))}</p>' if wrong else ""
    invalid = f' aria-invalid="true" aria-describedby="wrong-{name}"' if wrong else ""
    common = f'name="{name}" aria-labelledby="label-{name}"{invalid}'
    options = _options(page, entry)
    if options and pressed and len(options) <= _FEW:
        return _row(name, options, value) + said
    if options:
        listed = f'<option value="">{page.say("not_said")}</option>' + "".join(
            f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(label)}</option>'
            for key, label in options.items()
        )
        return f'<select class="input" {common}>{listed}</select>{said}'
    unit = {"won": "won_unit", "percent": "percent_unit"}.get(entry.kind)
    mode = "numeric" if entry.kind == "count" else "decimal"
    box = (
        f'<input class="input" {common} inputmode="{mode}" autocomplete="off" maxlength="{VALUE_CHARS}" '
        f'value="{escape(value)}">'
    )
    return (f'<span class="sized">{box}<span class="unit">{page.say(unit)}</span></span>' if unit else box) + said


def render_keep(page: Page, kept: bool) -> str:
    """The tick of who is signed in: without it nothing of the firm is stored."""
    if not page.account:
        return ""
    return (
        '<input type="hidden" name="asked" value="keep"><label class="keep"><input type="checkbox" name="keep" '
        f'value="keep"{" checked" if kept else ""}><span>{page.say("keep")}<small>{page.say("keep_hint")}</small>'
        "</span></label>"
    )


def wrong_key(entry: Input) -> str:
    """The key of what is said of a value that cannot be used."""
    return f"bad_{entry.kind}" if entry.kind in ("won", "count", "percent") else "bad_choice"


def _options(page: Page, entry: Input) -> dict[str, str]:
    if entry.kind == "flag":
        return {"yes": page.text("yes"), "no": page.text("no")}
    return {choice.name: choice.label.of(page.language) for choice in entry.choices.values()}


def _row(name: str, options: dict[str, str], value: str) -> str:
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(key)}"{" checked" if key == value else ""}>'
        f"<span>{escape(label)}</span></label>"
        for key, label in options.items()
    )
    return f'<span class="seg" role="radiogroup" aria-labelledby="label-{name}">{buttons}</span>'
