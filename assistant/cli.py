"""The command line: thin doors to the same functions that the page uses.

Everything heavy is imported inside a command, so that `--help` answers at once. Expected errors print one sentence and
what to do, and exit with 1; `ingest` exits with 2 when some files failed and the others went in.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant import __version__

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.schema import Answer, Turn
    from assistant.settings import Settings


#: Commands of other packages: module and name.
_ELSEWHERE = {
    "audit": ("assistant.operations.commands", "audit"),
    "backup": ("assistant.operations.commands", "backup"),
    "check": ("assistant.rules.commands", "check"),
    "documents": ("assistant.ingest.commands", "documents"),
    "eval": ("assistant.evaluation.commands", "evaluate"),
    "floor": ("assistant.floor.commands", "floor"),
    "ingest": ("assistant.ingest.commands", "ingest"),
    "index": ("assistant.operations.commands", "index"),
    "init": ("assistant.operations.commands", "init"),
    "programmes": ("assistant.finder.commands", "programmes"),
    "restore": ("assistant.operations.commands", "restore"),
    "users": ("assistant.accounts.commands", "users"),
    "watch": ("assistant.ingest.commands", "watch"),
    "weights": ("assistant.weights.commands", "weights"),
}


class _Cli(click.Group):
    """Imports the commands of other packages when they are asked for; turns expected errors into a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _ELSEWHERE:
            return super().get_command(ctx, name)
        module, attribute = _ELSEWHERE[name]
        found: click.Command = getattr(import_module(module), attribute)
        if name == "documents" and isinstance(found, click.Group):
            from assistant.comparison.commands import compare

            found.add_command(compare)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        from assistant.errors import AssistantError

        try:
            return super().invoke(ctx)
        except AssistantError as exc:
            click.echo(f"Error: {exc}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("Stopped. Nothing is damaged; run the same command again to go on.", err=True)
            sys.exit(130)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(141)


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="assistant")
def cli() -> None:
    """Answers from the alliance's own documents, in Korean and English, each with its source."""


_index = click.option("--index", type=click.Path(path_type=Path), help="Index folder (default: indexes/default).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_user = click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")


def _settings(**flags: Any) -> Settings:
    from assistant.settings import load_settings

    return load_settings(**flags)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


@contextmanager
def _assistant(settings: Settings) -> Iterator[Assistant]:
    from assistant.answering import open_assistant

    assistant = open_assistant(settings)
    try:
        yield assistant
    finally:
        assistant.index.close()


def _labels(user: str | None, settings: Settings) -> frozenset[str]:
    from assistant.access import labels_of

    return labels_of(user, settings.access_file)


@cli.command()
@click.argument("question", required=False)
@click.option(
    "--batch",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="Answer every line {id, question, history?}, one JSON object a line, in order.",
)
@_index
@_user
@_json
def ask(question: str | None, batch: Path | None, index: Path | None, user: str | None, as_json: bool) -> None:
    """Answer QUESTION with citations."""
    from assistant.errors import QuestionError

    if (question is None) == (batch is None):
        raise QuestionError("Give either a question or --batch FILE.", 'Example: assistant ask "K-SURE 지원 한도는?"')
    settings = _settings(index=index)
    labels = _labels(user, settings)
    if batch is not None:
        _ask_batch(batch, settings, labels)
        return
    from assistant.text.language import clean_question

    assert question is not None
    clean_question(question, settings.max_question_chars)  # refuse bad input before any model is loaded
    with _assistant(settings) as assistant:
        if as_json:
            _print_json(_finished(assistant, question, labels).to_json())
        else:
            _show(assistant, question, labels)


def _ask_batch(batch: Path, settings: Settings, labels: frozenset[str]) -> None:
    from assistant.errors import PathError, QuestionError
    from assistant.schema import as_turn

    try:
        lines = [line for line in batch.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        asked = [json.loads(line) for line in lines]
        for number, entry in enumerate(asked, 1):
            if not isinstance(entry, dict) or not isinstance(entry.get("question"), str) or "id" not in entry:
                raise ValueError(f"entry {number} has no id or no question")
            history = entry.get("history", [])
            if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
                raise ValueError(f"the history of entry {number} is no list of questions")
    except OSError as exc:
        raise PathError(f"The batch file {batch} cannot be read ({exc.strerror}).", "Check the path.") from exc
    except ValueError as exc:
        raise PathError(
            f"The batch file {batch} is not JSON lines ({exc}).", 'Write {"id": …, "question": …} on each line.'
        ) from exc
    with _assistant(settings) as assistant:
        for entry in asked:
            try:
                turns: list[Turn] = []
                for earlier in entry.get("history", []):
                    turns.append(as_turn(earlier, _finished(assistant, earlier, labels, turns)))
                answer = _finished(assistant, entry["question"], labels, turns).to_json()
            except QuestionError as exc:
                answer = {"question": entry["question"], "error": str(exc)}
            _print_json({"id": entry["id"], **answer})
            sys.stdout.flush()


def _finished(assistant: Assistant, question: str, labels: frozenset[str], history: Sequence[Turn] = ()) -> Answer:
    from assistant.schema import Finished

    for event in assistant.ask(question, labels=labels, history=history):
        if isinstance(event, Finished):
            return event.answer
    raise AssertionError("the event stream ended without Finished")


def _show(assistant: Assistant, question: str, labels: frozenset[str]) -> None:
    """Print the events of one question as they come."""
    from assistant.answering.texts import NOT_PHRASED
    from assistant.schema import EvidenceFound, Finished, SentenceReady

    for event in assistant.ask(question, labels=labels):
        if isinstance(event, EvidenceFound):
            click.echo(click.style(f"… {len(event.evidence)} passages found", dim=True), err=True)
        elif isinstance(event, SentenceReady):
            marks = "".join(f" [{name}]" for name in event.sentence.citations)
            click.echo(event.sentence.text + click.style(marks, fg="cyan"))
        elif isinstance(event, Finished):
            answer = event.answer
            if answer.status == "refused":
                click.echo(answer.answer)
            elif answer.status == "quotes_only":
                click.echo(NOT_PHRASED[answer.language], err=True)
            korean = answer.language == "ko"
            for piece in (*answer.citations, *answer.related):
                kind = "" if piece in answer.citations else ("관련 " if korean else "related ")
                kind = ("물어볼 곳 " if korean else "whom to ask ") if piece.id == answer.whom else kind
                page = f", p. {piece.pages}" if piece.pages else ""
                date = f" ({piece.effective_date})" if piece.effective_date else ""
                headings = " > ".join(piece.heading_path)
                click.echo(f"\n{kind}[{piece.id}] {piece.title}{date}{page}\n    {headings}\n    “{piece.quote}”")
            for each in answer.comparisons:
                names = " ".join(each[side]["document_id"] for side in ("old", "new"))
                whole = "전체 비교" if korean else "The whole comparison"
                click.echo(f"\n{whole}: assistant documents compare {names}")
            click.echo(click.style(f"\n{answer.timings_ms['total'] / 1000:.1f} s", dim=True), err=True)


@cli.command()
@click.argument("query")
@click.option("--top-k", type=click.IntRange(1, 100), default=10, show_default=True, help="How many passages.")
@_index
@_user
@_json
def search(query: str, top_k: int, index: Path | None, user: str | None, as_json: bool) -> None:
    """Show the passages that match QUERY."""
    settings = _settings(index=index)
    from assistant.text.language import clean_question

    clean_question(query, settings.max_question_chars)
    with _assistant(settings) as assistant:
        hits = assistant.search(query, labels=_labels(user, settings), top_k=top_k)
    rows = [
        {
            "chunk_id": hit.passage.chunk_id,
            "document_id": hit.document.document_id,
            "title": hit.document.title,
            "page": hit.passage.page,
            "heading_path": list(hit.passage.heading_path),
            "score": round(hit.score, 4),
            "start": hit.passage.start,
            "end": hit.passage.end,
            "text": hit.passage.text,
        }
        for hit in hits
    ]
    if as_json:
        _print_json({"hits": rows})
        return
    for row in rows:
        click.echo(click.style(f"{row['score']:.3f}  {row['title']}", bold=True) + f"  {row['document_id']}")
        click.echo("       " + " ".join(str(row["text"]).split())[:160])
    if not rows:
        click.echo("No passage matches.")


@cli.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default 7860; 0 takes a free one).")
@_index
def serve(host: str | None, port: int | None, index: Path | None) -> None:
    """Open the chat page."""
    from assistant.programs import programs
    from assistant.web import serve as open_page

    open_page(_settings(host=host, port=port, index=index), programs)


@cli.command()
@click.option(
    "--http", is_flag=True, help="Serve streamable HTTP at /mcp; programs send a personal token, or see public."
)
@click.option("--host", help="With --http: address to listen on (default 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7861,
    show_default=True,
    help="With --http: port; 0 takes a free one.",
)
@_index
@_user
def mcp(http: bool, host: str | None, port: int, index: Path | None, user: str | None) -> None:
    """Serve programs (MCP): search, ask, read, check rules, match programmes. Speaks over standard input and output."""
    from assistant.errors import SettingsError

    if http and user is not None:
        raise SettingsError(
            "--as cannot be used with --http: each program has its own user there.",
            "Make a token with `assistant users tokens NAME --make LABEL` and let the program send it.",
        )
    from assistant.mcp.serving import serve_http, serve_stdio

    settings = _settings(host=host, index=index)
    if http:
        serve_http(settings, port)
    else:
        serve_stdio(settings, user)


@cli.command()
@click.option("--repair", is_flag=True, help="Mend the index first: words, vectors, changed files, traces.")
@_index
@_json
def doctor(repair: bool, index: Path | None, as_json: bool) -> None:
    """Check this installation: what runs where, what is kept, the index. Says what is wrong and what to do."""
    from assistant.doctor import examine, mend

    settings = _settings(index=index)
    if repair:
        mend(settings)
    findings = examine(settings)
    if as_json:
        _print_json({"findings": [finding.to_json() for finding in findings]})
    else:
        for finding in findings:
            mark = click.style("ok  ", fg="green") if finding.ok else click.style("FIX ", fg="red")
            click.echo(f"{mark}{finding.subject}: {finding.message}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def main() -> None:
    """Entry point of the `assistant` command. SIGTERM ends a command as Ctrl-C does: nothing is left half done."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cli()
