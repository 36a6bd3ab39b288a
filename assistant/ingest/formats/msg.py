"""Outlook messages (MSG): turned into the internet's form of a message and read like one."""

from __future__ import annotations

import email.utils
from dataclasses import replace
from email.message import EmailMessage
from io import BytesIO
from typing import Any

from assistant.errors import ReadError
from assistant.ingest.formats import mail, office_container
from assistant.ingest.formats.containers import ReadPart
from assistant.ingest.formats.draft import clean
from assistant.ingest.formats.notes import Note
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "application/vnd.ms-outlook"
IS_CONTAINER = True


def recognises(source: Source) -> bool:
    """An OLE container with the properties of a message."""
    return "__properties_version1.0" in office_container.streams(source.content)


def read(source: Source, read_part: ReadPart) -> Draft:
    """Subject, sender, receivers and date, the text, then the attachments (see `mail.read`). Raises ReadError."""
    from oxmsg import Message

    try:
        message = Message.load(BytesIO(source.content))
        letter = _letter(message)
        missing = _attach(message, letter)
    except Exception as exc:  # the library of damaged containers raises anything
        raise ReadError(
            f"{source.name} is a damaged Outlook message ({type(exc).__name__}: {exc}).", "Save it again, or as EML."
        ) from exc
    draft = mail.read(replace(source, content=letter.as_bytes()), read_part)
    notes = (*draft.metadata.get("notes", ()), *missing)
    return Draft(draft.text, draft.blocks, {**draft.metadata, "notes": notes})


def _letter(message: Any) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = clean(message.subject or "")
    headers = {name.lower(): value for name, value in message.message_headers.items()}
    for name in ("From", "To", "Cc"):
        value = clean(headers.get(name.lower(), ""))
        if not value and name == "From":
            value = clean(message.sender or "")
        if not value and name == "To":
            pairs = ((clean(each.name or ""), each.email_address or "") for each in message.recipients)
            value = ", ".join(email.utils.formataddr(pair) for pair in pairs if any(pair))
        if value:
            letter[name] = value
    if message.sent_date is not None:
        letter["Date"] = email.utils.format_datetime(message.sent_date)
    plain, marked_up = message.body or "", message.html_body or ""
    if plain.strip() or not marked_up.strip():
        letter.set_content(plain)
        if marked_up.strip():
            letter.add_alternative(marked_up, subtype="html")
    else:
        letter.set_content(marked_up, subtype="html")
    return letter


def _attach(message: Any, letter: EmailMessage) -> list[Note]:
    """Add the attachments; notes on those that are no files."""
    missing: list[Note] = []
    for at, each in enumerate(message.attachments, 1):
        name = clean(each.file_name or "") or f"attachment {at}"
        content = each.file_bytes if each.attached_by_value else None
        if content is None:
            missing.append(
                {
                    "where": name,
                    "reason": "it is no file but a message or an object of Outlook",
                    "hint": "Open the message in Outlook, save what is attached and give that by itself.",
                }
            )
            continue
        kind, _, subtype = (each.mime_type or "application/octet-stream").partition("/")
        letter.add_attachment(content, maintype=kind, subtype=subtype or "octet-stream", filename=name)
    return missing
