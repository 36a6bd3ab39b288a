from __future__ import annotations

from assistant.conversations import Kept
from assistant.schema import EvidenceFound, Finished, SentenceReady, Understood
from assistant.web.turns import ShownTurn
from tests.web.samples import FOURTH, LAUNCH, OLD, SENTENCE, SHARES, answered, refused


def test_a_turn_goes_from_waiting_to_finished() -> None:
    turn = ShownTurn(1, "질문")
    stages = [turn.stage]
    for step in (
        lambda t: t.queued(2),
        lambda t: t.queued(0),
        lambda t: t.after(Understood("질문", "ko")),
        lambda t: t.after(EvidenceFound((LAUNCH,))),
        lambda t: t.after(SentenceReady(SENTENCE)),
        lambda t: t.after(Finished(answered("질문"))),
    ):
        turn = step(turn)
        stages.append(turn.stage)
    assert stages == ["waiting", "waiting", "searching", "searching", "writing", "writing", "finished"]
    assert not turn.running


def test_sources_keep_their_numbers_when_a_citation_was_not_announced() -> None:
    turn = ShownTurn(1, "질문").after(EvidenceFound((LAUNCH,)))
    assert turn.sources == (LAUNCH,)
    assert turn.after(Finished(answered("질문"))).sources == (LAUNCH, SHARES)


def test_a_refused_question_has_only_related_passages() -> None:
    turn = ShownTurn(1, "질문").after(EvidenceFound((LAUNCH,))).after(Finished(refused("질문")))
    assert turn.sources == (FOURTH, OLD)


def test_stopping_keeps_what_was_shown_and_does_not_undo_an_end() -> None:
    turn = ShownTurn(1, "질문").after(EvidenceFound((LAUNCH,))).after(SentenceReady(SENTENCE))
    assert turn.ended(by_reader=True).stage == "stopped" and turn.ended(by_reader=True).sentences == (SENTENCE,)
    assert turn.ended(by_reader=False).stage == "interrupted" and turn.ended(by_reader=False).unanswered
    assert turn.after(Finished(answered("질문"))).ended(by_reader=True).stage == "finished"
    assert turn.failed("error_other").ended(by_reader=False).stage == "failed"


def test_evidence_is_shown_while_the_language_model_is_busy_with_others() -> None:
    turn = ShownTurn(1, "질문").queued(3)
    assert (turn.stage, turn.ahead) == ("waiting", 3)
    turn = turn.after(EvidenceFound((LAUNCH,))).queued(2)
    assert (turn.stage, turn.ahead, turn.evidence) == ("queued", 2, (LAUNCH,)) and turn.running
    assert turn.queued(0).stage == "writing"


def test_a_stored_turn_that_seems_to_run_was_interrupted() -> None:
    kept = Kept(3, "질문", "", None, (LAUNCH,), "2027-01-01", state="running", sentences=(SENTENCE,))
    turn = ShownTurn.of(kept)
    assert turn.unanswered and not turn.running and turn.state == "interrupted"
    assert turn.number == 3 and turn.evidence == (LAUNCH,) and turn.sentences == (SENTENCE,)
