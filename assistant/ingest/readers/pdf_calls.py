"""PDFium's functions that are called for every character or object of a page, at half the cost of pypdfium2's own.

pypdfium2 declares them with typed pointers, which are made and checked at every call; here addresses go in and come out
as whole numbers, and Python's lock is kept, as each takes less than a microsecond. Handles are given as `address`
of pypdfium2's, which must stay alive meanwhile.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

#: What the functions take and return: addresses, whole numbers, truth values.
Call = Callable[..., int]


def address(handle: Any) -> int:
    """The address that one of pypdfium2's handles (`page.raw`) stands for."""
    return ctypes.addressof(handle.contents)


@cache
def call(name: str) -> Call:
    """The function `name` of PDFium, which takes and returns whole numbers and addresses (0: nothing)."""
    import pypdfium2.raw as raw

    typed = getattr(raw, name)
    numbers = (ctypes.c_int, ctypes.c_uint)
    kinds = [each if each in numbers else ctypes.c_size_t for each in (typed.restype, *typed.argtypes)]
    return ctypes.PYFUNCTYPE(*kinds)(ctypes.cast(typed, ctypes.c_void_p).value or 0)
