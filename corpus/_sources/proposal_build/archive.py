"""Rewrites an office file so that the same content has the same bytes: fixed dates, names in the order given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

FIXED = (1980, 1, 1, 0, 0, 0)
#: the first part of an HWPX file, which must not be compressed
MIMETYPE = "mimetype"

Change = Callable[[str, bytes], bytes | None]


def rewritten(archive: bytes, change: Change) -> bytes:
    """Copy every part through ``change`` (name, content); a part that becomes None is left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(target, "w") as written:
        for name in given.namelist():
            content = change(name, given.read(name))
            if content is None:
                continue
            part = zipfile.ZipInfo(name, FIXED)
            part.external_attr = 0o600 << 16
            part.compress_type = zipfile.ZIP_STORED if name == MIMETYPE else zipfile.ZIP_DEFLATED
            written.writestr(part, content)
    return target.getvalue()
