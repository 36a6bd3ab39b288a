from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answering import Assistant
from assistant.floor.pack import Floor
from assistant.floor.pages import Pages
from tests.floor.manuals import open_manuals


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with open_manuals(tmp_path_factory.mktemp("manuals")) as opened:
        yield opened


@pytest.fixture(scope="session")
def floor(assistant: Assistant) -> Floor:
    return Floor(assistant.index, assistant)


@pytest.fixture(scope="module")
def pages(assistant: Assistant) -> Iterator[Pages]:
    opened = Pages(assistant.index)
    yield opened
    opened.close()
