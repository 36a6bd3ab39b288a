"""Messages: what mail programs show, names as people read them, and what lies in them."""

from __future__ import annotations

import base64
import unicodedata
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft

HEAD = b"From: a@maru.example\r\nTo: b@maru.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def of(tmp_path: Path, content: bytes) -> Draft:
    path = tmp_path / "a.eml"
    path.write_bytes(content)
    return read(path)


def body_of(draft: Draft) -> list[str]:
    texts = [draft.text[block.start : block.end] for block in draft.blocks]
    return [text for text in texts if text != "x" and not text.startswith(("From:", "To:"))]


def mail(subject: str = "x") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@maru.example", "b@maru.example", subject
    return message


@pytest.mark.parametrize("plain", ["", " \n", "이 메일은 HTML로 보아야 합니다.", "[이미지]\n"])
def test_an_empty_or_placeholder_text_gives_way_to_what_is_shown(tmp_path: Path, plain: str) -> None:
    message = mail()
    message.set_content(plain)
    message.add_alternative(
        "<p style='display:none'>숨은 줄</p><p>납기는 <s>5월</s> 6월이며 금액은 310만원입니다.</p>", subtype="html"
    )
    assert body_of(of(tmp_path, message.as_bytes())) == ["납기는 6월이며 금액은 310만원입니다."]


def test_html_without_text_gives_way_to_the_plain_text(tmp_path: Path) -> None:
    message = mail()
    message.set_content("납기는 6월입니다.\n")
    message.add_alternative("<img src=cid:1>", subtype="html")
    assert body_of(of(tmp_path, message.as_bytes())) == ["납기는 6월입니다."]


def test_texts_between_attachments_stay_in_order(tmp_path: Path) -> None:
    def part(kind: str, text: str) -> bytes:
        return f"--m\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}\r\n".encode()

    raw = HEAD + b"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    raw += part("text/plain", "") + part("text/html", "<p>첫 글</p>") + part("text/plain", "둘째 글")
    raw += b"--m\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nxyz\r\n--m--\r\n"
    draft = of(tmp_path, raw)
    assert body_of(draft) == ["첫 글", "둘째 글"] and not draft.metadata["notes"]


@pytest.mark.parametrize("encoded", [False, True])
def test_messages_in_messages(tmp_path: Path, encoded: bool) -> None:
    inner = mail("안쪽 제목")
    inner.set_content("안쪽 금액은 72만원입니다.\n")
    message = mail()
    message.set_content("전달합니다.\n")
    if encoded:
        raw = base64.encodebytes(inner.as_bytes())
        message.add_attachment(b"", maintype="application", subtype="octet-stream")
        whole = message.as_bytes()
        at = whole.index(b"Content-Type: application/octet-stream")
        end = whole.index(b"\r\n--", at)
        part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + raw
        draft = of(tmp_path, whole[:at] + part + whole[end:])
    else:
        message.add_attachment(inner)
        draft = of(tmp_path, message.as_bytes())
    assert "안쪽 금액은 72만원입니다." in draft.text and "안쪽 제목" in draft.text
    assert base64.b64encode(b"From")[:4].decode() not in draft.text


NAME = "똠방 견적서.txt"  # a syllable that EUC-KR lacks


def _b(text: str, charset: str) -> str:
    return base64.b64encode(text.encode(charset)).decode()


@pytest.mark.parametrize(
    "charset", ["euc-kr", "ks_c_5601-1987", "KS_C_5601", "ksc5601", "cp949", "x-windows-949", "MS949", "utf-8"]
)
def test_subjects_and_texts_in_korean_charsets(tmp_path: Path, charset: str) -> None:
    codec = "utf-8" if charset == "utf-8" else "cp949"
    raw = HEAD.replace(b"Subject: x", f"Subject: =?{charset}?B?{_b('똠방 견적', codec)}?=".encode())
    raw += f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + "펲시 견적은 3만원입니다.".encode(codec)
    draft = of(tmp_path, raw)
    assert draft.metadata["title"] == "똠방 견적" and draft.text.endswith("펲시 견적은 3만원입니다.")


def test_words_cut_inside_a_letter(tmp_path: Path) -> None:
    whole = "납품 단가 안내".encode()
    first, second = (base64.b64encode(part).decode() for part in (whole[:8], whole[8:]))
    raw = HEAD.replace(b"Subject: x", f"Subject: Re: =?UTF-8?B?{first}?=\r\n =?utf-8?b?{second}?= (2)".encode())
    assert of(tmp_path, raw + b"\r\ntext").metadata["title"] == "Re: 납품 단가 안내 (2)"


@pytest.mark.parametrize(
    "disposition",
    [
        f'attachment; filename="=?ks_c_5601-1987?B?{_b(NAME, "cp949")}?="'.encode(),
        f"attachment; filename==?utf-8?B?{_b(NAME, 'utf-8')}?=".encode(),
        b"attachment; filename*=UTF-8''" + "".join(f"%{byte:02X}" for byte in NAME.encode()).encode(),
        b"attachment; filename*=ks_c_5601-1987''" + "".join(f"%{b:02X}" for b in NAME.encode("cp949")).encode(),
        b"attachment;\r\n filename*0*=utf-8''"
        + "".join(f"%{byte:02X}" for byte in NAME.encode()[:7]).encode()
        + b";\r\n filename*1*="
        + "".join(f"%{byte:02X}" for byte in NAME.encode()[7:]).encode(),
        b'attachment; filename="' + NAME.encode("cp949") + b'"',
        b'attachment; filename="' + unicodedata.normalize("NFD", NAME).encode() + b'"',
        b'attachment; filename="' + "".join(f"%{byte:02X}" for byte in NAME.encode()).encode() + b'"',
        b'attachment; filename="C:\\temp\\' + NAME.encode() + b'"',
        f'inline\r\nX-A: b\r\nContent-Description: y; name="{NAME}"'.encode(),
    ],
)
def test_names_of_attachments(tmp_path: Path, disposition: bytes) -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\ntext\r\n--m\r\n"
    name = (
        b'; name="=?utf-8?B?' + base64.b64encode(NAME.encode()) + b'?="' if disposition.startswith(b"inline") else b""
    )
    raw += (
        b"Content-Type: text/plain"
        + name
        + b"\r\nContent-Disposition: "
        + disposition
        + b"\r\n\r\nplain words\r\n--m--\r\n"
    )
    draft = of(tmp_path, raw)
    assert draft.blocks[-1].heading_path == (NAME,) if not draft.metadata["title"] else ("x", NAME)
    assert NAME in draft.text


def test_an_attachment_in_a_stated_charset(tmp_path: Path) -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\ntext\r\n--m\r\n"
    raw += b"Content-Type: text/plain; charset=iso-8859-1; name=a.txt\r\n\r\nGr\xf6\xdfe 5\r\n--m--\r\n"
    assert "Größe 5" in of(tmp_path, raw).text


def test_a_mailbox_of_one_message(tmp_path: Path) -> None:
    draft = of(tmp_path, b"From a@maru.example Mon Mar  2 09:00:00 2026\n" + HEAD.replace(b"\r", b"") + b"\n72 won.\n")
    assert draft.metadata["media_type"] == "message/rfc822" and body_of(draft) == ["72 won."]


def test_a_saved_page_is_the_page(tmp_path: Path) -> None:
    message = mail("설비 안내")
    message.set_content("<html><body><p>요금은 9만원</p></body></html>", subtype="html")
    message.add_related(b"p { color: red }", maintype="text", subtype="css")
    message.add_related(b"x = 1", maintype="application", subtype="javascript")
    message.add_related("붙임 글".encode(), maintype="text", subtype="plain", filename="붙임.txt")
    texts = body_of(of(tmp_path, message.as_bytes()))
    assert texts[-3:] == ["요금은 9만원", "붙임.txt", "붙임 글"] and "red" not in " ".join(texts)
