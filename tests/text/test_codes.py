import pytest

from assistant.text.codes import with_known_codes


class Known:
    """What a holder of `labels` sees of an index that holds a few codes, one of them for staff only."""

    def __init__(self, *labels):
        self.held = {"in10", "ta0108", "te0705", "sv-401", "e-12", "e-012"} | (
            {"zz0900"} if "staff" in labels else set()
        )

    def document_frequency(self, words):
        return {word: int(word in self.held) for word in words}, 10


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ta108 아침에 전원 넣자마자 뜸", "TA0108 아침에 전원 넣자마자 뜸"),
        ("TE-705 on the lathe", "TE0705 on the lathe"),
        ("TE 705가 떴어요", "TE0705가 떴어요"),
        ("sv401?", "SV-401?"),
        ("TA0108", "TA0108"),
        ("does it stop in 10 minutes?", "does it stop in 10 minutes?"),
        ("in 2024 we paid 300", "in 2024 we paid 300"),
        ("up to 10.5 kg", "up to 10.5 kg"),
        ("e12", "e12"),  # two are known: neither is taken
        ("E-12", "E-12"),
    ],
)
def test_a_sloppy_code_gets_the_spelling_of_the_documents(typed, meant):
    assert with_known_codes(typed, Known("public")) == meant


def test_a_code_that_the_asker_may_not_see_is_not_guessed():
    assert with_known_codes("zz900", Known("public")) == "zz900"
    assert with_known_codes("zz900", Known("public", "staff")) == "ZZ0900"
