"""Several threads find the same terms as one: questions are read while others are searched and checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.text.tokens import terms

TEXTS = [
    "Relational operators vigorously generalise conditional hopefulness; nationalities were organised effectively.",
    "정비를 하기 전에는 lockout procedures, isolating devices and stored energies must be verified carefully.",
    "Predications, possibilities, triplicate formalities and electrical adjustments replaced irritable communism.",
]


@pytest.fixture
def _busy_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_busy_switching")
def test_threads_do_not_disturb_each_other() -> None:
    alone = [terms(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(terms, TEXTS * 60))
    assert found == alone * 60
