"""The network's input, and the windows of long texts."""

from __future__ import annotations

from itertools import pairwise

from assistant.reading.encoding import claim_of, prefix_of, with_before
from assistant.reading.reader import _cuts


def test_what_the_text_holds_itself_is_not_read_twice() -> None:
    assert prefix_of("안내", "한도", "구분 | 비율", "중견 | 70%") == "안내 | 한도 | 구분 | 비율 | "
    assert prefix_of("안내", "한도", "", "한도\n\n중견 70%") == "안내 | "
    assert prefix_of("안내", "안내", "구분 | 비율", "구분 | 비율\n중견 | 70%") == "안내 | "
    assert prefix_of("", "", "", "x") == ""


def test_forms_are_told_apart() -> None:
    assert with_before("대기업은요?", "중소기업은 얼마예요?") == "중소기업은 얼마예요? / 대기업은요?"
    assert with_before("대기업은요?", "") == "대기업은요?"
    assert claim_of("70%입니다.") != "70%입니다."


def test_windows_cover_every_token_and_end_at_lines() -> None:
    text = "".join(f"word{n} " if n % 7 else f"line{n}\n" for n in range(200))
    places, start = [], 0
    for word in text.replace("\n", " ").split(" ")[:-1]:
        places.append((start, start + len(word)))
        start += len(word) + 1
    windows = list(_cuts(places, text, 60))
    assert windows[0][0] == 0 and windows[-1][1] == len(places)
    assert all(first < last and last - first <= 60 for first, last in windows)
    assert all(later[0] <= earlier[1] for earlier, later in pairwise(windows))
    assert all("\n" in text[places[last - 1][1] : places[last][1]] for _, last in windows[:-1])
    assert list(_cuts([], "", 60)) == [(0, 0)]
