"""The shipped reader with its real weights: what it reads, where it marks, and what happens to a damaged file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.errors import ReaderError
from assistant.reading.reader import WEIGHTS, TrainedReader
from assistant.schema import Excerpt

LIMITS = Excerpt(
    "정부지원 한도는 중소기업 75%, 중견기업 70%, 대기업 50%입니다. 기관부담금 가운데 현금은 중소기업 10% 이상입니다.",
    "정부지원 비율",
    "기업 규모별 한도",
)
LOCKOUT = Excerpt("Shut the machine down and release all stored pressure before the guard is opened.", "Lockout")


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return TrainedReader(threads=1)


@pytest.mark.parametrize(
    "question", ["중견기업은 정부지원을 몇 퍼센트까지 받나요?", "Up to what share does a mid-size firm get?"]
)
def test_what_answers_is_told_from_what_does_not_and_marked(reader: TrainedReader, question: str) -> None:
    own, other = reader.read(question, [LIMITS, LOCKOUT])
    assert own.answers > 0.5 > other.answers
    assert any("70" in LIMITS.text[span.start : span.end] for span in own.spans)


def test_one_reading_each_whatever_is_read_beside_it(reader: TrainedReader) -> None:
    question = "현금은 얼마나 내야 합니까?"
    alone = reader.read(question, [LIMITS])[0]
    among = reader.read(question, [LOCKOUT, LIMITS, LOCKOUT])[1]
    assert abs(alone.answers - among.answers) < 0.1  # rounding to 8 bits depends on what is read beside it
    assert reader.read(question, []) == []


def test_a_long_text_is_read_to_its_end_and_marks_stay_exact(reader: TrainedReader) -> None:
    filler = "\n".join(f"{number}번 설비의 점검 주기는 {number % 5 + 1}개월입니다." for number in range(120))
    text = f"{filler}\n주축 윤활유는 VG 68을 씁니다."
    reading = reader.read("주축 윤활유는 무엇을 씁니까?", [Excerpt(text, "점검표")])[0]
    assert reading.answers > 0.5
    assert any("VG 68" in text[span.start : span.end] for span in reading.spans)
    assert all(
        0 <= span.start < span.end <= len(text) and text[span.start : span.end].strip() for span in reading.spans
    )


def test_support_tells_a_true_sentence_from_a_false_one(reader: TrainedReader) -> None:
    quote = Excerpt("위탁연구개발기관은 기관부담금을 면제받을 수 있습니다.", "기관부담금")
    true = reader.supports("위탁연구개발기관은 기관부담금이 면제될 수 있습니다.", [quote])[0]
    false = reader.supports("주관연구개발기관은 기관부담금을 반드시 내야 합니다.", [quote])[0]
    assert true > 0.5 > false


def test_a_missing_or_foreign_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"reader\.json"):
        TrainedReader(tmp_path)
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    record = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    (folder / "reader.json").write_text(json.dumps({**record, "sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ReaderError, match="not those that its card describes") as caught:
        TrainedReader(folder).read("값은?", [LIMITS])
    assert "git checkout" in caught.value.hint
    (folder / "reader.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "reader.onnx").unlink()
    with pytest.raises(ReaderError, match=r"reader\.onnx is missing"):
        TrainedReader(folder).read("값은?", [LIMITS])


def test_the_card_names_what_the_weights_were_made_of() -> None:
    card = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    record = json.loads((WEIGHTS / "reader.json").read_text(encoding="utf-8"))
    assert record["sha256"][:12] in card and "multilingual-e5-small" in card and "MIT" in card
    assert set(record["calibration"]) >= {"answers", "supports"}
