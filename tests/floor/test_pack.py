from __future__ import annotations

import json
from typing import Any

import pytest

from assistant.answering import Assistant
from assistant.floor.pack import Floor
from assistant.schema import Language
from tests.floor.manuals import FILES

PUBLIC = frozenset({"public"})
OPERATOR = frozenset({"public", "operator"})


def pack(floor: Floor, language: Language = "ko", labels: frozenset[str] = PUBLIC) -> dict[str, Any]:
    found = floor.pack("cnc-lathe", labels, language)
    assert found is not None
    return found


def alarm(floor: Floor, code: str, language: Language = "ko") -> dict[str, Any]:
    return next(each for each in pack(floor, language)["alarms"] if each["code"] == code)


def test_languages_and_revisions_of_a_manual_are_one_machine(floor: Floor) -> None:
    listed = floor.listed(PUBLIC, "ko")
    assert [(each["machine"], each["name"], each["model"]) for each in listed] == [
        ("cnc-lathe", "CNC 선반", "EXM-TL260")
    ]
    assert (listed[0]["version"], listed[0]["since"]) == ("B", "2026-02-02")
    assert floor.listed(PUBLIC, "en")[0]["name"] == "CNC lathe"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_alarm_list_is_whole(floor: Floor, language: Language) -> None:
    found = pack(floor, language)
    assert len(found["alarms"]) == 50
    assert [group["letters"] for group in found["groups"]] == ["TA", "TS", "TT", "TH", "TL", "TD", "TE", "TP"]
    assert found["groups"][0]["name"] == {"ko": "축", "en": "Axis"}[language]


def test_a_code_brings_cause_remedy_and_the_section_that_the_remedy_names(floor: Floor) -> None:
    found = alarm(floor, "TA0107")
    assert found["meaning"] == "하드 리미트 초과" and found["facts"] == [["원인", "원점 어긋남, 스위치 고장"]]
    assert found["remedy"] == ["조치", "5.7절에 따라 되돌리고 원점을 다시 잡으십시오."]
    assert found["sections"] == ["5.7", "8.1"] and found["first"] == [] and found["further"] == ["5.2"]
    steps = [item["sign"] for item in pack(floor)["sections"]["5.7"]["items"] if item["kind"] == "step"]
    assert steps == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("code", "language", "ranks"),
    [
        ("TA0101", "ko", ["danger", "warning", "warning"]),
        ("TA0101", "en", ["danger", "warning", "warning"]),
        ("TE0706", "ko", ["danger", "warning", "caution"]),
        ("TA0107", "en", ["warning", "warning"]),
    ],
)
def test_warnings_come_gravest_first(floor: Floor, code: str, language: Language, ranks: list[str]) -> None:
    assert [each["rank"] for each in alarm(floor, code, language)["warnings"]] == ranks


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_remedy_that_needs_lockout_brings_it_first_and_others_do_not(floor: Floor, language: Language) -> None:
    locked = {each["code"] for each in pack(floor, language)["alarms"] if each["first"] == ["5.2"]}
    assert {"TA0101", "TA0102", "TT0302", "TE0701", "TL0506"} <= locked
    assert not {"TA0107", "TH0401", "TE0706", "TD0604"} & locked
    assert locked == {each["code"] for each in pack(floor, "ko")["alarms"] if each["first"]}


def test_values_have_their_units_and_what_they_were_before(floor: Floor) -> None:
    (value,) = alarm(floor, "TH0401")["values"]
    assert (value["name"], value["value"], value["rest"]) == ("유압 공급", "4.0 MPa", [["한계", "3.2 MPa 이상"]])
    assert value["before"] == [["설정값", "3.5 MPa"], ["한계", "2.8 MPa 이상"]]
    assert pack(floor)["before"] == {"version": "A", "since": "2025-03-03"}
    assert alarm(floor, "TA0105")["changes"] == [["조치", "윤활 압력 1.5 MPa을 확인하고 30분 식힌 뒤 시작하십시오."]]
    assert alarm(floor, "TE0706")["values"] == []  # a row of the maintenance schedule gives no value to keep


def test_everything_is_a_slice_of_the_stored_text(floor: Floor, assistant: Assistant) -> None:
    found = pack(floor)
    stored = assistant.index.seen_by(PUBLIC).document_text(found["document"])
    assert stored is not None
    pieces = [item for section in found["sections"].values() for item in section["items"]]
    pieces += [{"text": each["remedy"][1], **each["row"]} for each in found["alarms"]]
    pieces += [warning for each in found["alarms"] for warning in each["warnings"]]
    assert len(pieces) > 150
    for piece in pieces:
        assert piece["text"] in " ".join(stored[1][piece["start"] : piece["end"]].split())
        assert piece["page"] and piece["boxes"], "each line can be shown on its page"


def test_who_lacks_the_label_has_no_such_machine(floor: Floor) -> None:
    assert [each["machine"] for each in floor.listed(OPERATOR, "ko")] == ["cnc-lathe", "secret-machine"]
    assert floor.pack("secret-machine", OPERATOR, "ko") is not None
    assert floor.pack("secret-machine", PUBLIC, "ko") is None  # also once it is kept
    assert floor.words("secret-machine", "시험 정지", PUBLIC, "ko") is None
    assert floor.look_up("secret-machine", "zq42", PUBLIC, "ko") is None
    assert "ZQ0042" not in json.dumps([floor.listed(PUBLIC, "ko"), pack(floor)])


def test_a_manual_without_pages_or_a_middle_column_serves_as_well(floor: Floor) -> None:
    found = floor.pack("secret-machine", OPERATOR, "en")
    assert found is not None and found["language"] == "ko" and found["name"] == "시험 설비"
    (only,) = found["alarms"]
    assert (only["code"], only["facts"], only["remedy"]) == ("ZQ0042", [], ["조치", "담당자를 부르십시오."])
    assert only["row"]["page"] is None and only["sections"] == ["2.1"]


def test_words_find_alarms_and_procedures_of_this_machine_alone(floor: Floor) -> None:
    found = floor.words("cnc-lathe", "유압 낮음", PUBLIC, "ko")
    assert found and found[0].key == "TH0401" and found[0].why.startswith("유압이 3.2 MPa")
    assert [each.key for each in floor.words("cnc-lathe", "ta107 다시 떠요", PUBLIC, "ko") or []] == ["TA0107"]
    named = floor.words("cnc-lathe", "엔코더 전지 교환", PUBLIC, "ko") or []
    assert ("section", "5.6") in {(each.kind, each.key) for each in named}


def test_values_in_words_are_no_codes(floor: Floor) -> None:
    assert len(floor.words("cnc-lathe", "압력이 401 이하", PUBLIC, "ko") or []) > 1


def test_the_fixture_holds_both_revisions() -> None:
    assert len(FILES) == 4
