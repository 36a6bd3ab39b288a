"""Properties of the reading: written → read round trips, exact spans, no crash."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.text.quantities import identifiers, quantities
from assistant.text.quantities.units import MEASURES
from assistant.text.quantities.values import fold

money = st.integers(1, 10**15)
SAMPLES = st.text(
    alphabet=st.sampled_from(
        list("0123456789.,~-%+ ()조억만천백십원명개월일년 제최대이상미만까지약KRWonmillib·²°CNm/①½\n'\"₩x")
    ),
    max_size=60,
)


def korean(amount: int, *, commas: bool, blank: str) -> str:
    """An amount as Korean prose writes it: 2조 5,000억 3만 200."""
    parts = []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, "")):
        count, amount = divmod(amount, size)
        if count:
            parts.append((f"{count:,}" if commas else str(count)) + name)
    return blank.join(parts)


def english(amount: int) -> str:
    for size, name in ((10**12, " trillion"), (10**9, " billion"), (10**6, " million")):
        if amount >= size:
            return f"{Decimal(amount) / size:f}{name}"
    return f"{amount:,}"


@given(money, st.booleans(), st.sampled_from(["", " "]), st.sampled_from(["원", " 원"]))
@example(10**15, True, " ", "원")
@example(12345, False, "", "원")
def test_korean_money_round_trip(amount: int, commas: bool, blank: str, won: str) -> None:
    text = f"사업비는 {korean(amount, commas=commas, blank=blank)}{won}이다."
    (read,) = quantities(text)
    assert (read.value, read.unit) == (amount, "KRW")
    assert text[read.start : read.end] == read.text


@given(money, st.sampled_from(["KRW {}", "₩{}", "{} won", "{} Korean won"]))
def test_english_money_round_trip(amount: int, form: str) -> None:
    text = f"The budget is {form.format(english(amount))} in all."
    (read,) = quantities(text)
    assert (read.value, read.unit) == (amount, "KRW")
    assert text[read.start : read.end] == read.text


@given(money)
def test_both_languages_give_the_same_value(amount: int) -> None:
    (one,) = quantities(f"{korean(amount, commas=True, blank=' ')} 원")
    (other,) = quantities(f"KRW {english(amount)}")
    assert (one.value, one.unit) == (other.value, other.unit)


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)))
def test_dates_in_all_forms_are_equal(day: date) -> None:
    expected = int(day.strftime("%Y%m%d"))
    name = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
            "December"][day.month - 1]  # fmt: skip
    for text in (
        day.isoformat(), f"{day.year}년 {day.month}월 {day.day}일", f"{day.year}. {day.month}. {day.day}.",
        f"{day.day} {name} {day.year}", f"{name} {day.day}, {day.year}", f"{name[:3]} {day.day}, {day.year}",
        day.strftime("%Y.%m.%d"), f"접수는 {day.year}.{day.month}.{day.day}.까지",
    ):  # fmt: skip
        (read,) = quantities(text)
        assert (read.value, read.unit) == (expected, "date"), text


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=80), SAMPLES))
def test_any_text_is_read_without_error_and_with_exact_spans(text: str) -> None:
    assert len(fold(text)) == len(text)
    last = 0
    for read in quantities(text):
        assert text[read.start : read.end] == read.text != ""
        assert read.start >= last
        last = read.end
    for name in identifiers(text):
        assert text[name.start : name.end] == name.text != ""


@given(st.decimals(min_value=1, max_value=99999, places=2, allow_nan=False), st.sampled_from(sorted(MEASURES)))
def test_every_unit_is_read_behind_a_number(number: Decimal, unit: str) -> None:
    text = f"{number} {unit}"
    (read,) = quantities(text)
    expected = MEASURES[unit]
    assert read.text == text
    assert read.unit == expected.name
    assert read.value == expected.convert(number)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,500만원", "15 million won"), ("3억 원", "KRW 300 million"), ("2조 5,000억 원", "2.5 trillion won"),
        ("10 bar", "1 MPa"),
        ("1 kgf·m", "9.80665 N·m"), ("1 inch", "25.4 mm"), ("212 °F", "100 °C"), ("1.8 m", "1,800 mm"),
        ("2시간", "120 minutes"),
        ("0.1 MPa", "100 kPa"), ("1 m/s", "1000 mm/s"), ("1.5 t", "1,500 kg"), ("100분의 30", "30 %"),
        ("100 kgf·cm", "1 kgf·m"),
        ("60 kgf/cm²", "60 kg/cm2"), ("세 가지", "3 types"), ("열두 개 분과", "twelve divisions"),
    ],
)  # fmt: skip
def test_equal_in_another_unit(one: str, other: str) -> None:
    (a,), (b,) = quantities(one), quantities(other)
    assert (a.value, a.unit) == (b.value, b.unit)


def test_scales_are_not_confused() -> None:
    values = {quantities(text)[0].value for text in ("3억", "3만", "3조", "3천", "3백", "3")}
    assert len(values) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("제12조제3항", "Article 12(3)"), ("SV-0401", "sv0401"), ("R-101", "R101"), ("ISO 10218-1", "ISO10218-1"),
        ("제92조", "Article 92"), ("제13조 제2항", "제13조②"), ("Table 3", "표 3"),
        ("29 CFR 1910.147", "29CFR1910.147"),
    ],
)  # fmt: skip
def test_the_same_identifier_has_one_key(one: str, other: str) -> None:
    (a,), (b,) = identifiers(one), identifiers(other)
    assert a.key == b.key


def test_particles_stay_outside_identifiers() -> None:
    assert [i.text for i in identifiers("SV0401은 R-101과 다르고 제12조의2제1항에 있다.")] == [
        "SV0401",
        "R-101",
        "제12조의2제1항",
    ]


@pytest.mark.parametrize("piece", ["가", "9", "a.b", "일이삼", "1.", "A-"])
def test_long_runs_are_read_at_all(piece: str) -> None:
    # quadratic work would make this test hang rather than fail
    assert isinstance(quantities(piece * 20_000), list)
