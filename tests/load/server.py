"""The whole server as `assistant serve` runs it, in a process of its own, for the load test.

Embedder, reader and index are the real ones. The language model may be one that says the quotes' own words after some
seconds and takes no processor for it, so that the line is as long as with a real one while the reader is measured. The
reader may be one that compares words, so that many more questions go through everything else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from assistant.answering import opening
from assistant.programs import programs
from assistant.schema import Excerpt, Reading
from assistant.settings import load_settings
from assistant.web import page, serve
from tests.fakes import FakeLanguageModel, FakeReader
from tests.load.handlers import noting


class SlowLanguageModel(FakeLanguageModel):
    """Takes `seconds` for an answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def generate(
        self,
        messages: Sequence[dict[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """The reply after some seconds; what was asked is not recorded, so that memory tells of the server alone."""
        until = time.monotonic() + self._seconds
        while time.monotonic() < until:
            if cancel and cancel():
                return
            time.sleep(0.05)
        yield from super().generate(messages, max_tokens=max_tokens, grammar=grammar, cancel=cancel)
        self.prompts.clear()
        self.grammars.clear()


class QuickReader(FakeReader):
    """Records nothing."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """By shared words."""
        self.asked.clear()
        self.claims.clear()
        return super().read(question, excerpts)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--index", type=click.Path(path_type=Path), required=True)
@click.option("--port", type=int, required=True)
@click.option("--writing", type=float, default=0.0)
@click.option("--quick", is_flag=True)
def main(folder: Path, index: Path, port: int, writing: float, quick: bool) -> None:
    """Serve INDEX with conversations and users in FOLDER; numbers of the page's handlers go to handlers.json there."""
    if writing:
        opening.open_language_model = lambda settings: SlowLanguageModel(writing)  # type: ignore[assignment]
    if quick:
        opening.open_reader = lambda settings: QuickReader()
    page.build_page = noting(page.build_page, folder)
    settings = load_settings(
        index=index, port=port, conversations=folder / "talk.sqlite3", accounts=folder / "accounts.sqlite3"
    )
    serve(settings, programs)


if __name__ == "__main__":
    main()
