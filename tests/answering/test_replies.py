"""The form of a reply: what is read of a line, and that the grammar allows nothing else."""

from __future__ import annotations

import pytest

from assistant.answering.replies import NOTHING, Line, grammar, parsed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[k3v] It is 153.", Line(("k3v",), "It is 153.")),
        ("  [k3v m2c k3v] Both say so. ", Line(("k3v", "m2c"), "Both say so.")),
        ("= [k3v] 145억 원 + [m2c] 52억 원", None),
        ("none", None),
        ("It is 153.", None),
        ("[K3V] It is 153.", None),
    ],
)
def test_a_line_is_read_as_what_it_is(written: str, read: Line | None) -> None:
    assert parsed(written) == read
    if read:
        assert parsed(read.written) == read


def test_llama_cpp_reads_the_grammar_in_which_nothing_is_no_answer() -> None:
    llama_cpp = pytest.importorskip("llama_cpp")
    rules = grammar(["k3v", "m2c"])
    assert not [word for word in NOTHING.values() if word in rules]
    assert llama_cpp.LlamaGrammar.from_string(rules, verbose=False)
