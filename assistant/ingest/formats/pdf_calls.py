"""PDFium's functions that are called for every character or object of a page, at a third of what pypdfium2's own cost.

pypdfium2 declares what they take, so that ctypes looks at every argument and converts it; here they take what C
would: pypdfium2's handles (`page.raw`), whole numbers for C's `int`, and `ctypes.byref` of what is filled in, which is
best made once. Nothing is checked: another kind of argument breaks the process. Python's lock is kept, as each call
takes less than a microsecond.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

Call = Callable[..., Any]


@cache
def call(name: str, gives: Any = None) -> Call:
    """The function `name` of PDFium, which gives what pypdfium2 says, or another type of ctypes' (`gives`)."""
    import pypdfium2.raw as raw

    typed = getattr(raw, name)
    return ctypes.PYFUNCTYPE(gives or typed.restype)(ctypes.cast(typed, ctypes.c_void_p).value or 0)


def parts(array: Any) -> list[Any]:
    """What lets a function fill in the parts of an array of ctypes' one by one."""
    size = ctypes.sizeof(array) // len(array)
    return [ctypes.byref(array, at * size) for at in range(len(array))]
