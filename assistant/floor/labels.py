"""Labels to print and stick on machines: a QR code that opens the floor page with the machine chosen."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from assistant.errors import PathError
from assistant.schema import Language

#: Size of a label and of its code, in mm.
_WIDTH, _HEIGHT, _CODE = 100, 62, 46
_SCAN: Mapping[Language, str] = {
    "ko": "휴대전화로 찍으면 알람 코드와 조치가 나옵니다.",
    "en": "Scan for alarm codes and remedies.",
}


def address(base: str, machine: str) -> str:
    """The address of the floor page with `machine` chosen; `base` is the server's address."""
    return f"{base.rstrip('/')}/floor?machine={quote(machine)}"


def label(machine: str, names: Mapping[Language, str], model: str, base: str) -> str:
    """A label as SVG: code, names, model, address."""
    import segno

    goes_to = address(base, machine)
    code = segno.make(goes_to, error="q", micro=False)
    modules = code.symbol_size(border=4)[0]
    path = code.svg_inline(border=4, svgclass=None, lineclass=None)  # one unit a module
    lines = [
        (names.get("ko", ""), 6, "700"),
        (names.get("en", ""), 4.4, "400"),
        (model, 5, "700"),
    ]
    text, y = [], 14.0
    for words, size, weight in lines:
        for part in _wrapped(words, int(_WIDTH - _CODE - 8) / (size * 0.62)):
            text.append(
                f'<text x="{_CODE + 4}" y="{y}" font-size="{size}" font-weight="{weight}">{escape(part)}</text>'
            )
            y += size * 1.35
        y += 1.5 if words else 0
    for said, row in zip(_SCAN.values(), (_HEIGHT - 10, _HEIGHT - 5.6), strict=True):
        text.append(f'<text x="4" y="{row}" font-size="3.2">{escape(said)}</text>')
    text.append(f'<text x="4" y="{_HEIGHT - 1.8}" font-size="2.4">{escape(goes_to)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}mm" height="{_HEIGHT}mm" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Noto Sans KR, Noto Sans CJK KR, Malgun Gothic, sans-serif">'
        f"<title>{escape(goes_to)}</title>"
        f'<rect x=".3" y=".3" width="{_WIDTH - 0.6}" height="{_HEIGHT - 0.6}" rx="3" fill="#fff" stroke="#000" '
        f'stroke-width=".4"/><g transform="translate(2 2) scale({_CODE / modules:.5f})">{path}</g>'
        f"{''.join(text)}</svg>\n"
    )


def write_label(folder: Path, machine: str, content: str) -> Path:
    """Write a label as `MACHINE.svg`. Raises PathError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{machine}.svg"
        path.write_text(content, encoding="utf-8")
    except OSError as exc:
        raise PathError(f"The folder {folder} cannot be written ({exc.strerror}).", "Choose another --out.") from exc
    return path


def _wrapped(words: str, width: float) -> list[str]:
    """Lines of about `width` Latin letters; a Hangul syllable is as wide as 1.6 of them."""
    lines: list[str] = []
    for word in words.split():
        candidate = f"{lines[-1]} {word}" if lines else word
        if lines and sum(1.6 if "가" <= letter <= "힣" else 1 for letter in candidate) <= width:
            lines[-1] = candidate
        else:
            lines.append(word)
    return lines
