"""Writes small OLE containers (compound files, version 3) for tests: what old office programs and HWP 5 save."""

from __future__ import annotations

import struct
from itertools import pairwise

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """A container with the streams; a name may have one folder ("BodyText/Section0")."""
    folders = sorted({name.split("/")[0] for name in streams if "/" in name})
    small = {name: data for name, data in streams.items() if len(data) < _CUTOFF}
    mini, mini_fat, starts = b"", [], {}
    for name, data in small.items():
        starts[name] = len(mini) // _MINI
        count = max(1, -(-len(data) // _MINI))
        mini_fat += [len(mini_fat) + at + 1 for at in range(count - 1)] + [_END]
        mini += data.ljust(count * _MINI, b"\0")
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        if not data:
            return _END
        first, count = len(sectors), -(-len(data) // _SECTOR)
        for at in range(count):
            sectors.append(data[at * _SECTOR : (at + 1) * _SECTOR].ljust(_SECTOR, b"\0"))
            fat.append(first + at + 1 if at < count - 1 else _END)
        return first

    for name, data in streams.items():
        if name not in small:
            starts[name] = put(data)
    mini_start = put(mini)
    mini_fat_start = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat)) if mini_fat else _END
    directory = _directory(streams, folders, starts, mini_start, len(mini))
    directory_start = put(directory)
    fat_at = len(sectors)
    table_sectors = 1
    while len(fat) + table_sectors > table_sectors * (_SECTOR // 4):
        table_sectors += 1
    fat += [_FAT] * table_sectors
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(table_sectors * _SECTOR, b"\xff")
    sectors += [table[at * _SECTOR : (at + 1) * _SECTOR] for at in range(table_sectors)]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0,
        table_sectors,
        directory_start, 0, _CUTOFF, mini_fat_start, -(-len(mini_fat) * 4 // _SECTOR), _END, 0,
    )  # fmt: skip
    places = [fat_at + at for at in range(table_sectors)] + [_FREE] * (109 - table_sectors)
    return header + struct.pack("<109I", *places) + b"".join(sectors)


def _directory(
    streams: dict[str, bytes], folders: list[str], starts: dict[str, int], mini_start: int, mini_size: int
) -> bytes:
    """Root, folders, streams; siblings hang on one another's right in the order of their names."""
    names = ["Root Entry", *folders, *streams]
    children: dict[int, list[int]] = {}
    for at, name in enumerate(names[1:], 1):
        parent = folders.index(name.split("/")[0]) + 1 if "/" in name else 0
        children.setdefault(parent, []).append(at)
    right, child = dict.fromkeys(range(len(names)), _FREE), dict.fromkeys(range(len(names)), _FREE)
    for parent, members in children.items():
        ordered = sorted(members, key=lambda at: (len(names[at].split("/")[-1]), names[at].split("/")[-1].upper()))
        child[parent] = ordered[0]
        right.update(pairwise(ordered))
    found = b""
    for at, name in enumerate(names):
        shown = name.split("/")[-1].encode("utf-16-le")
        if at == 0:
            kind, start, size = 5, mini_start, mini_size
        elif name in folders and at <= len(folders):
            kind, start, size = 1, 0, 0
        else:
            kind, start, size = 2, starts[name], len(streams[name])
        found += struct.pack(
            "<64sHBBIII16sIQQIQ", shown, len(shown) + 2, kind, 1, _FREE, right[at], child[at], b"", 0, 0, 0, start, size
        )
    free = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 0, _FREE, _FREE, _FREE, b"", 0, 0, 0, 0, 0)
    return found + free * (-len(names) % 4)
