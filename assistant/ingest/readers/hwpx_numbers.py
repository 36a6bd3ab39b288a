"""The automatic numbers and bullets of HWPX lists, written before the text of their paragraphs.

Hancom Office computes them when it shows a document, so the file holds only the pattern ("^1.") and the level. HWP 5
files keep the same in binary records that are not read here.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_MARK = re.compile(r"\^([1-9]|10|[nN])")
_SYLLABLES = "가나다라마바사아자차카타파하"
_JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


@dataclass
class _Numbering:
    """Of each level the format of its number, the pattern around it and where it starts; and how far it is."""

    levels: dict[int, tuple[str, str, int]]
    counts: dict[int, int] = field(default_factory=dict)

    def next(self, level: int) -> str:
        """The marker of the next paragraph of a level; deeper levels begin anew after it."""
        _, pattern, start = self.levels.get(level, ("DIGIT", "", 1))
        self.counts[level] = self.counts.get(level, start - 1) + 1
        for deeper in [each for each in self.counts if each > level]:
            del self.counts[deeper]

        def shown(match: re.Match[str]) -> str:
            wanted = level if match[1] in "nN" else int(match[1])
            kind, _, first = self.levels.get(wanted, ("DIGIT", "", 1))
            return _number(self.counts.get(wanted, first), kind)

        return _MARK.sub(shown, pattern)


def written_out(content: bytes) -> bytes:
    """The container with the numbers in its texts; unchanged if it has none or cannot be understood."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            members = {name: archive.read(name) for name in names if _is_needed(name)}
        header = etree.fromstring(members["Contents/header.xml"], parser)
        shapes = _shapes(header)
        if not shapes:
            return content
        numberings, bullets = _numberings(header), _bullets(header)
        changed: dict[str, bytes] = {}
        for name in sorted(members, key=lambda name: (len(name), name)):
            if "section" in name:
                root = etree.fromstring(members[name], parser)
                if _number_section(root, shapes, numberings, bullets):
                    changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    except (KeyError, ValueError, RuntimeError, OSError, EOFError, zipfile.BadZipFile, etree.XMLSyntaxError):
        return content  # dochan says what is wrong with it
    return _replaced(content, changed) if changed else content


def _is_needed(name: str) -> bool:
    return name == "Contents/header.xml" or bool(re.fullmatch(r"Contents/section\d+\.xml", name))


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _shapes(header: Node) -> dict[str, tuple[str, str, int]]:
    """Paragraph shapes with a number or bullet: kind, which numbering or bullet, and the level from 1."""
    found = {}
    for shape in header.iter("{*}paraPr"):
        heading = shape.find(".//{*}heading")
        if heading is not None and heading.get("type") in ("NUMBER", "BULLET"):
            level = heading.get("level", "0")
            found[shape.get("id", "")] = (heading.get("type", ""), heading.get("idRef", ""), int(level) + 1)
    return found


def _numberings(header: Node) -> dict[str, _Numbering]:
    return {
        each.get("id", ""): _Numbering(
            {
                int(head.get("level", "1")): (
                    head.get("numFormat", "DIGIT"),
                    head.text or "",
                    int(head.get("start", "1")),
                )
                for head in each.iter("{*}paraHead")
            }
        )
        for each in header.iter("{*}numbering")
    }


def _bullets(header: Node) -> dict[str, str]:
    return {each.get("id", ""): each.get("char", "") for each in header.iter("{*}bullet")}


def _number_section(
    root: Node, shapes: dict[str, tuple[str, str, int]], numberings: dict[str, _Numbering], bullets: dict[str, str]
) -> bool:
    changed = False
    for paragraph in root.iter("{*}p"):
        kind, reference, level = shapes.get(paragraph.get("paraPrIDRef", ""), ("", "", 0))
        text = next((node for run in paragraph if _local(run) == "run" for node in run if _local(node) == "t"), None)
        if not kind or text is None or not "".join(str(part) for part in text.itertext()).strip():
            continue
        if kind == "NUMBER":
            marker = numberings[reference].next(level) if reference in numberings else ""
        else:
            char = bullets.get(reference, "")
            marker = char if char and not "\ue000" <= char <= "\uf8ff" else "•"
        if marker:
            text.text = f"{'  ' * (level - 1)}{marker} {text.text or ''}"
            changed = True
    return changed


def _number(value: int, kind: str) -> str:
    """A number as its format shows it."""
    if kind == "HANGUL_SYLLABLE" and value <= len(_SYLLABLES):
        return _SYLLABLES[value - 1]
    if kind == "HANGUL_JAMO" and value <= len(_JAMO):
        return _JAMO[value - 1]
    if kind == "CIRCLED_DIGIT" and value <= 20:
        return chr(ord("①") + value - 1)
    if kind == "CIRCLED_HANGUL_SYLLABLE" and value <= len(_SYLLABLES):
        return chr(ord("㉮") + value - 1)
    if kind in ("LATIN_CAPITAL", "LATIN_SMALL") and value <= 26:
        return chr(ord("A" if kind == "LATIN_CAPITAL" else "a") + value - 1)
    if kind in ("ROMAN_CAPITAL", "ROMAN_SMALL") and value < len(_ROMAN):
        return _ROMAN[value] if kind == "ROMAN_CAPITAL" else _ROMAN[value].lower()
    return str(value)


def _replaced(content: bytes, changed: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, changed.get(entry.filename) or old.read(entry))
    return target.getvalue()
