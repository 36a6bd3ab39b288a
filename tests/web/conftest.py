from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.browsing import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium."""
    with chromium() as opened:
        yield opened
