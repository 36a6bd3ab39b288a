"""A file as the readers see it: its bytes, and its text once an encoding has been found."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from assistant.errors import ReadError

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAVE_AS_UTF8 = "Save it as UTF-8 text."


#: Names under which Korean encodings go; what calls itself EUC-KR is in fact its superset cp949.
_KOREAN = {"euckr", "ksc56011987", "ksc56011989", "ksc5601", "kscs56011987", "ksx1001", "korean", "isoir149",
           "csksc56011987", "windows949", "xwindows949", "ms949", "xms949", "cp949", "xcp949", "uhc", "xuhc", "949",
           "ibm949", "xibm949", "cseuckr", "xeuckr"}  # fmt: skip


def codec_of(charset: str) -> str:
    """Name a declared encoding as Python knows it; empty when it does not, or when nothing was declared."""
    squeezed = re.sub(r"[^a-z0-9]", "", charset.lower())
    if squeezed in _KOREAN:
        return "cp949"
    try:
        return codecs.lookup(charset.strip().strip("'\"")).name if squeezed else ""
    except (LookupError, ValueError):
        return ""


#: Gives the content of a file that a document refers to by a relative path; empty where there is none.
Other = Callable[[str], bytes]


@dataclass(frozen=True)
class Source:
    """One file, or a part of one. `content` is never empty; `depth` counts the containers around it.

    `labels` are those of what the file lies in, and of its own sidecar: its parts must be for their holders (none: for
    everybody). `other` gives the files that it refers to; None: they cannot be had.
    """

    path: PurePath
    content: bytes
    depth: int = 0
    labels: tuple[str, ...] = ()
    other: Other | None = None

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    @cached_property
    def head(self) -> str:
        """The first 4,096 bytes, lower case, for telling formats apart: only its ASCII characters mean something."""
        return self.content[:4096].replace(b"\0", b"").decode("latin-1").lower()

    @cached_property
    def text(self) -> str:
        """The decoded text with line breaks as "\\n". Raises ReadError."""
        return decode(self.content, self.name).replace("\r\n", "\n").replace("\r", "\n")


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8, cp949 (EUC-KR) or UTF-16; nothing is guessed beyond that.

    UTF-16 is recognised by its mark, or where only one order of the bytes gives Korean or Latin text.

    Raises ReadError for other encodings and for binary content.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as exc:
                raise ReadError(f"{name} begins like {encoding} text but is damaged.", _SAVE_AS_UTF8) from exc
    if b"\0" in content:
        orders = [encoding for encoding in ("utf-16-le", "utf-16-be") if _is_utf_16(content, encoding)]
        if len(orders) == 1:
            return content.decode(orders[0])
        raise ReadError(
            f"{name} holds NUL bytes, so it is not a text file.", "Give the original file in a supported format."
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp949")
    except UnicodeDecodeError as exc:
        raise ReadError(f"{name} is neither UTF-8 nor EUC-KR (cp949) text.", _SAVE_AS_UTF8) from exc
    if not _plausible_korean(text):
        raise ReadError(f"The encoding of {name} is not known.", _SAVE_AS_UTF8)
    return text


def _plausible_korean(text: str) -> bool:
    """Western text also decodes as cp949, but into syllables outside KS X 1001, which Korean hardly uses."""
    hangul = [char for char in text if "가" <= char <= "힣"]
    rare = sum(char.encode("cp949")[0] < 0xB0 or char.encode("cp949")[1] < 0xA1 for char in hangul)
    return bool(hangul) and rare <= 0.2 * len(hangul)


def _is_utf_16(content: bytes, encoding: str) -> bool:
    """Whether bytes without a mark make sense in this order: Latin, Hangul and the signs around it, nothing else."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    usual = sum(
        (char.isascii() and (char.isprintable() or char in "\t\r\n\f"))
        or "\u00a0" <= char < "\u0250"
        or "\u2010" <= char < "\u3400"
        or "\uac00" <= char <= "\ud7a3"
        for char in text
    )  # fmt: skip
    return usual > 0.98 * len(text) and any(char in " \n" for char in text)
