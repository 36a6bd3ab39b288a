"""Figures of the comparison with the plain chain."""

from __future__ import annotations

from assistant.evaluation.chain import Reply, figures
from assistant.evaluation.questions import Question

ASKED = Question("a", "한도는 얼마입니까?", must=("3억",))
UNKNOWN = Question("u", "마감일은?", answerable=False)


def reply(text: str, refused: bool = False, shown: tuple[str, ...] = (), computed: bool = False) -> Reply:
    return Reply(text, refused, shown, 1.0, 2.0, 4.0, computed)


def test_right_answers_and_both_kinds_of_error_are_counted() -> None:
    found = figures([reply("한도는 3억 원입니다.", shown=("한도 3억 원",)), reply("5월 2일입니다.")], [ASKED, UNKNOWN])
    assert (found["right"], found["falsely_refused"], found["invented"]) == (1, 0, 1)
    found = figures([reply("모릅니다", refused=True), reply("모릅니다", refused=True)], [ASKED, UNKNOWN])
    assert (found["right"], found["falsely_refused"], found["invented"]) == (0, 1, 0)


def test_figures_that_stand_nowhere_are_counted_once_for_each_answer() -> None:
    wrong = reply("한도는 7억 원, 9억 원입니다.", shown=("한도 3억 원",))
    assert figures([wrong], [ASKED])["with_unsupported_figures"] == 1
    assert figures([reply("한도는 7억 원입니다.", computed=True)], [ASKED])["with_unsupported_figures"] == 0


def test_times_are_medians() -> None:
    found = figures([reply("3억"), Reply("3억", False, (), 3.0, 4.0, 8.0)], [ASKED, ASKED])
    assert (found["median_useful_s"], found["median_first_s"], found["median_total_s"]) == (2.0, 3.0, 6.0)
