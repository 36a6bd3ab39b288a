"""The shipped reader: an 8-bit ONNX file read by ONNX Runtime, with its tokenizer and calibration beside it.

It does not know documents, indexes or labels: excerpts come in, readings go out.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ReaderError
from assistant.reading.encoding import MOST_TOKENS, QUESTION_TOKENS, claim_of, prefix_of
from assistant.reading.probability import sigmoid
from assistant.schema import Excerpt, Reading, Span
from assistant.text.language import detect

WEIGHTS = Path(__file__).with_name("weights")
_FILES = ("reader.onnx", "tokenizer.json")
#: Tokens that are read together, padding included; more are no faster.
_BATCH_TOKENS = 1536
#: Lines of a window that the next window has again, in tokens.
_OVERLAP_TOKENS = 48
_PREFIX_TOKENS = 120
#: A token belongs to the answer from this probability on (before calibration); spans that nearly touch are one.
_MARKED = 0.5
_GAP_CHARS = 3
#: From this probability on something is to be computed: a figure that nobody asked for misleads.
_COMPUTES = 0.9
#: So many passages are asked what is to be computed: it is the question that says so.
_ASKED = 3


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of an excerpt that is read in one pass; `places` are the characters of its text tokens."""

    excerpt: int
    ids: list[int]
    first: int
    places: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one pass gives: logits of answers, unknown and supports; kind; shares of the operations; tokens' logits."""

    judged: tuple[float, float, float]
    kind: int
    operations: tuple[float, ...]
    marks: Any


def _shares(logits: Any) -> tuple[float, ...]:
    powers = [math.exp(float(each) - float(logits.max())) for each in logits]
    return tuple(power / sum(powers) for power in powers)


def _operation(passes: Sequence[_Pass]) -> int:
    """What the question wants computed, by the passages that answer best; nothing unless they are sure enough."""
    best = sorted(passes, key=lambda each: -each.judged[0])[:_ASKED]
    means = [sum(column) / len(best) for column in zip(*(each.operations for each in best), strict=True)]
    surest = max(range(len(means)), key=means.__getitem__, default=0)
    return surest if means and means[surest] >= _COMPUTES else 0


class TrainedReader:
    """Reads with the weights in `folder`; they are loaded and checked at first use. Safe for several threads."""

    def __init__(self, folder: Path = WEIGHTS, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._record = _record(folder)
        self.fingerprint = f"reader/{self._record['sha256'][:12]}"

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Read each excerpt for `question`. Raises ReaderError when the weights are missing or do not fit."""
        language = detect(question) or "ko"
        windows = self._windows(question, excerpts)
        passes = self._passes(windows)
        operation = self._record["operations"][_operation(passes)]
        readings = []
        for number, excerpt in enumerate(excerpts):
            own = [(w, p) for w, p in zip(windows, passes, strict=True) if w.excerpt == number]
            best = max((p for _, p in own), key=lambda p: p.judged[0])
            spans = [span for window, found in own for span in _spans(excerpt.text, window, found)]
            readings.append(
                Reading(
                    self._calibrated("answers", language, best.judged[0]),
                    self._calibrated("unknown", language, best.judged[1]),
                    tuple(_joined(spans)),
                    self._record["kinds"][best.kind],
                    operation,
                )
            )
        return readings

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Tell for each excerpt with which probability `sentence` follows from it; of a long one its best window."""
        language = detect(sentence) or "ko"
        windows = self._windows(claim_of(sentence), excerpts)
        best = [-math.inf] * len(excerpts)
        for window, found in zip(windows, self._passes(windows), strict=True):
            best[window.excerpt] = max(best[window.excerpt], found.judged[2])
        return [self._calibrated("supports", language, logit) for logit in best]

    def _calibrated(self, head: str, language: str, logit: float) -> float:
        slope, offset = self._record["calibration"].get(head, {}).get(language, (1.0, 0.0))
        return sigmoid(slope * logit + offset)

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                _check(self._folder, self._record)
                try:
                    import onnxruntime
                    from tokenizers import Tokenizer

                    options = onnxruntime.SessionOptions()
                    if self._threads:
                        options.intra_op_num_threads = self._threads
                    # waiting threads sleep: the language model needs the cores too
                    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                    session = onnxruntime.InferenceSession(
                        str(self._folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
                    )
                    self._loaded = session, Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                except Exception as exc:
                    raise ReaderError(f"The reader in {self._folder} cannot be loaded ({exc}).", _RESTORE) from exc
            return self._loaded

    def _windows(self, question: str, excerpts: Sequence[Excerpt]) -> list[_Window]:
        _, tokenizer = self._load()
        begin, end = tokenizer.token_to_id("<s>"), tokenizer.token_to_id("</s>")
        asked = tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        found = []
        for number, excerpt in enumerate(excerpts):
            prefix = prefix_of(excerpt.title, excerpt.heading, excerpt.table_header, excerpt.text)
            before = tokenizer.encode(prefix, add_special_tokens=False).ids[:_PREFIX_TOKENS] if prefix else []
            text = tokenizer.encode(excerpt.text, add_special_tokens=False)
            head = [begin, *asked, end, end, *before]
            for first, last in _cuts(text.offsets, excerpt.text, MOST_TOKENS - len(head) - 1):
                found.append(_Window(number, [*head, *text.ids[first:last], end], len(head), text.offsets[first:last]))
        return found

    def _passes(self, windows: Sequence[_Window]) -> list[_Pass]:
        """The network's output for each window; windows of like length are read together."""
        import numpy as np

        session, _ = self._load()
        found: list[_Pass | None] = [None] * len(windows)
        for group in _groups([len(window.ids) for window in windows]):
            longest = max(len(windows[at].ids) for at in group)
            ids = np.ones((len(group), longest), dtype=np.int64)  # 1 is the padding
            mask = np.zeros((len(group), longest), dtype=np.int64)
            for row, at in enumerate(group):
                ids[row, : len(windows[at].ids)] = windows[at].ids
                mask[row, : len(windows[at].ids)] = 1
            judged, kind, operation, mark = session.run(None, {"ids": ids, "mask": mask})
            for row, at in enumerate(group):
                window = windows[at]
                text = slice(window.first, window.first + len(window.places))
                found[at] = _Pass(
                    (float(judged[row, 0]), float(judged[row, 1]), float(judged[row, 2])),
                    int(kind[row].argmax()),
                    _shares(operation[row]),
                    mark[row, text],
                )
        return [each for each in found if each is not None]


_RESTORE = "Restore the file (`git checkout assistant/reading/weights`, or install the package again)."


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ReaderError(f"The reader's card {folder / 'reader.json'} cannot be read ({exc}).", _RESTORE) from exc
    if missing := {"sha256", "kinds", "operations", "calibration"} - record.keys():
        raise ReaderError(f"The reader's card lacks {', '.join(sorted(missing))}.", _RESTORE)
    return record


def _check(folder: Path, record: dict[str, Any]) -> None:
    """Compare the files with the card: weights of another training would be read with the wrong calibration."""
    digest = hashlib.sha256()
    for name in _FILES:
        try:
            digest.update((folder / name).read_bytes())
        except OSError as exc:
            raise ReaderError(f"The reader's file {name} is missing ({exc.strerror}).", _RESTORE) from exc
    if digest.hexdigest() != record["sha256"]:
        raise ReaderError("The reader's weights are not those that its card describes.", _RESTORE)


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in groups of like length whose padded size keeps to the budget."""
    group: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if group and (len(group) + 1) * lengths[group[0]] > _BATCH_TOKENS:
            yield group
            group = []
        group.append(at)
    if group:
        yield group


def _cuts(places: Sequence[tuple[int, int]], text: str, room: int) -> Iterator[tuple[int, int]]:
    """First and last token of each window of at most `room` tokens; a window ends at a line's end where it can."""
    first = 0
    while True:
        last = min(first + room, len(places))
        if last < len(places):
            ends = [at for at in range(first + room // 2, last) if "\n" in text[places[at][1] : places[at + 1][1]]]
            last = ends[-1] + 1 if ends else last
        yield first, last
        if last >= len(places):
            return
        first = max(first + 1, last - _OVERLAP_TOKENS)


def _spans(text: str, window: _Window, found: _Pass) -> Iterator[Span]:
    """Runs of marked tokens as places in the excerpt's text, without blank edges."""
    start = end = -1
    best = 0.0
    for (begin, stop), logit in zip(window.places, found.marks, strict=True):
        probability = sigmoid(float(logit))
        if stop <= begin:
            continue
        if probability >= _MARKED and start >= 0 and begin - end <= 1:
            end, best = stop, max(best, probability)
        elif probability >= _MARKED:
            if start >= 0:
                yield from _trimmed(text, start, end, best)
            start, end, best = begin, stop, probability
    if start >= 0:
        yield from _trimmed(text, start, end, best)


def _trimmed(text: str, start: int, end: int, probability: float) -> Iterator[Span]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    if re.search(r"\w", piece):
        yield Span(start, start + len(piece), probability)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that overlap (two windows saw them) or nearly touch are one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if found and span.start - found[-1].end <= _GAP_CHARS:
            last = found.pop()
            found.append(Span(last.start, max(last.end, span.end), max(last.probability, span.probability)))
        else:
            found.append(span)
    return found
