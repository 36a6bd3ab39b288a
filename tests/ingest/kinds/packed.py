"""Messages, archives and old office files."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats.test_archive import packed
from tests.ingest.formats.test_labels_in_containers import CLOSED, FRONT, LABELS, OPEN, posted
from tests.ingest.kinds import Case

_HEAD = b"From: a@maru.example\r\nTo: b@maru.example\r\nMIME-Version: 1.0\r\n"


def _file(name: str, content: bytes, sidecar: str = "") -> Callable[[Path], Draft]:
    def make(folder: Path) -> Draft:
        (folder / name).write_bytes(content)
        if sidecar:
            (folder / f"{name}.meta.yaml").write_text(sidecar, encoding="utf-8")
        return read(folder / name)

    return make


def _mail(plain: str, html: str = "", subject: str = "x") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@maru.example", "b@maru.example", subject
    message.set_content(plain)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def _attached(disposition: bytes, content_type: bytes = b"application/octet-stream") -> bytes:
    return (
        _HEAD + b"Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nsee\r\n"
        b"--m\r\nContent-Type: " + content_type + b"\r\nContent-Disposition: " + disposition
        + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + "값은 9만원이다.".encode() + b"\r\n--m--\r\n"
    )  # fmt: skip


def _locked(*open_members: str) -> bytes:
    """An archive with one member that is marked as encrypted."""
    content = packed({"닫힌.txt": b"secret", **{name: OPEN for name in open_members}})
    at = content.index(b"PK\x03\x04")
    content = (
        content[: at + 6] + struct.pack("<H", struct.unpack_from("<H", content, at + 6)[0] | 1) + content[at + 8 :]
    )
    at = content.index(b"PK\x01\x02")
    return content[: at + 8] + struct.pack("<H", struct.unpack_from("<H", content, at + 8)[0] | 1) + content[at + 10 :]


def _windows_name() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("0123456789", "값은 9만원이다.".encode())
    return buffer.getvalue().replace(b"0123456789", "단가표.txt".encode("cp949"))


def _converted(suffix: str, reader: str, content: str) -> Callable[[Path], Draft]:
    """A page turned into an old office file by LibreOffice, where it is installed."""

    def make(folder: Path) -> Draft:
        from assistant.ingest.formats import soffice

        if not soffice.program():
            raise ReadError("LibreOffice is not installed.", "Install it.")
        page = f'<html><head><meta charset="utf-8"></head><body>{content}</body></html>'
        (folder / f"a.{suffix}").write_bytes(soffice.converted(page.encode(), "html", reader, suffix))
        return read(folder / f"a.{suffix}")

    return make


_MONEY, _GONE = ("9만원",), ("7만원",)
_HANEUL = ("company:haneul",)
_PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "ZIP": packed, "EML": posted, "ZIP in ZIP": lambda members: packed({"안.zip": packed(members)}),
    "EML in EML": lambda members: posted({"안.eml": posted(members)}), "ZIP in EML": lambda members: posted({"안.zip": packed(members)}),
}  # fmt: skip
_PROTECTED: dict[str, dict[str, bytes]] = {
    "front matter": {"단가.md": FRONT}, "sidecar": {"단가.txt": CLOSED, "단가.txt.meta.yaml": LABELS}, "folder": {"안/.labels.yaml": LABELS, "안/단가.txt": CLOSED},
}  # fmt: skip
CASES = [
    Case("withdrawn", "EML", "struck in HTML", _file("a.eml", _mail("", "<p>값은 <s>7만원</s> 9만원</p>")), _MONEY, _GONE),
    Case("unseen", "EML", "hidden line", _file("a.eml", _mail("", "<p style='display:none'>7만원</p><p>값은 9만원</p>")), _MONEY, _GONE),
    Case("raised", "EML", "sup", _file("a.eml", _mail("", "<p>50<sup>1)</sup>백만원</p>")), ("50¹⁾백만원",)),
    Case("trimmings", "EML", "placeholder", _file("a.eml", _mail("HTML로 보십시오.", "<p>납기는 6월이며 값은 9만원이고 수량은 4개입니다.</p>")), _MONEY),
    Case("trimmings", "EML", "nested message", _file("a.eml", posted({"안.eml": _mail("속 글의 값은 9만원")})), _MONEY),
    Case("encodings", "EML", "RFC 2231 name in pieces", _file("a.eml", _attached(b"attachment; filename*0*=utf-8''%EB%8B%A8%EA%B0%80;\r\n filename*1*=%ED%91%9C.txt")), ("단가표.txt", "9만원")),
    Case("encodings", "EML", "RFC 2231 name in cp949", _file("a.eml", _attached(b"attachment; filename*=euc-kr''%B4%DC%B0%A1.txt")), ("단가.txt", "9만원")),
    Case("encodings", "EML", "RFC 2047 name", _file("a.eml", _attached(b'attachment; filename="=?ks_c_5601-1987?B?tNywoS50eHQ=?="')), ("단가.txt", "9만원")),
    Case("encodings", "EML", "raw cp949 name", _file("a.eml", _attached(b'attachment; filename="' + "단가.txt".encode("cp949") + b'"')), ("단가.txt", "9만원")),
    Case("encodings", "EML", "subject in pieces", _file("a.eml", _HEAD + b"Subject: =?utf-8?B?64uo6rCA?=\r\n =?utf-8?B?7ZGc?=\r\nContent-Type: text/plain; charset=ks_c_5601-1987\r\n\r\n" + "값은 9만원".encode("cp949")), ("단가표", "9만원")),
    Case("encodings", "ZIP", "cp949 name", _file("a.zip", _windows_name()), ("단가표.txt", "9만원")),
    Case("labels", "ZIP", "encrypted part", _file("a.zip", _locked("안내.txt")), ("공개 안내입니다.",), ("secret",), ("public",)),
    Case("labels", "ZIP", "unreadable part", _file("a.zip", packed({"a.exe": b"MZ\x90\0", "안내.txt": OPEN})), ("공개 안내입니다.",), (), ("public",)),
    *(Case("labels", form, how, _file("a.bin", pack({"안내.txt": OPEN, **members})), ("공개 안내입니다.",), ("431만원", "단가"), ("public",))
      for form, pack in _PACKERS.items() if not form.startswith("EML") for how, members in _PROTECTED.items()),
    *(Case("labels", form, how, _file("a.bin", pack({"안내.txt": OPEN, **members})), ("431만원",), (), _HANEUL)
      for form, pack in _PACKERS.items() if form.startswith("EML") for how, members in _PROTECTED.items()),
    *(Case("labels", form, "all parts closed", _file("a.bin", pack(_PROTECTED["sidecar"])), ("431만원",), (), _HANEUL) for form, pack in list(_PACKERS.items())[:2]),
    Case("labels", "ZIP", "both bind", _file("a.zip", packed({"단가.md": FRONT.replace(b"haneul]", b"haneul, staff]")}), "labels: [staff, company:maru]\n"),
         ("431만원",), (), ("staff",)),
    Case("old", "DOC", "converted", _converted("doc", "HTML (StarWriter)", "<p>값은 9만원이다.</p>"), _MONEY, noted="LibreOffice"),
    Case("old", "XLS", "converted", _converted("xls", "HTML (StarCalc)", "<table><tr><td>품목</td><td>값</td></tr><tr><td>볼트</td><td>90</td></tr></table>"), ("품목 | 값", "볼트 | 90"), noted="LibreOffice"),
    Case("old", "RTF", "converted", _converted("rtf", "HTML (StarWriter)", "<p>값은 <s>7만원</s> 9만원이다.</p>"), _MONEY, _GONE, noted="LibreOffice"),
]  # fmt: skip
