"""What is stored of the reported cases, read from a folder of them; `shared_questions` asks about them.

What has to be stored stands in the order of the page; what may not be is listed behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.errors import AssistantError
from assistant.ingest.formats import read

#: Case → its files: what must be stored, what must not.
_FILES: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "01": {
        "01-struck-out/struck.docx": (("4만원",), ()),
        "01-struck-out/struck.hwpx": (("4천만원",), ()),
        "01-struck-out/struck.html": (("20%",), ("30%",)),
        "01-struck-out/struck.md": (("120만원",), ("~~",)),
    },
    "02": {
        "02-raised-figures/raised.pdf": (("50¹⁾",), ("501)",)),
        "02-raised-figures/raised.docx": (("10⁶ Pa",), ("106 Pa",)),
        "02-raised-figures/raised.html": (("25", "million won"), ("252 million",)),
    },
    "03": {"03-filled-form/application_form.pdf": (("147,500,000", "TORQUE TESTER BT-9"), ())},
    "04": {
        "04-open-sided-table/open_sides.pdf": (
            ("구분 | 국비 | 지방비 | 민간부담", "중견기업 | 45% | 15% | 40%", "사업성 | 35점 | 20점"),
            (),
        )
    },
    "05": {"05-codes-at-page-top/alarm_cards.pdf": (("TQ0101", "TQ0102", "TQ0103", "TQ0104"), ())},
    "06": {
        "06-unseen-text/unseen.pdf": (("4만원",), ("9만원", "관리자 지시")),
        "06-unseen-text/cloaked.html": (("12만원",), tuple(f"{at}만원" for at in range(77, 83))),
    },
    "07": {
        "07-warnings-on-web-pages/manual_page.html": (("밸브를 잠근다", "0.02", "왼쪽으로 돌려"), ()),
        "07-warnings-on-web-pages/faq.html": (("임차 공장도 되나요?", "예."), ()),
    },
    "08": {
        "08-labels-in-containers/bundle.zip": ((), ("871만원", "872만원", "7.5%")),
        "08-labels-in-containers/forwarded.eml": ((), ("871만원", "872만원", "7.5%")),
    },
}


def shared_cases(folder: Path) -> Iterator[tuple[str, str]]:
    """Give each case whose stored text decides with what came of it: "right", or what is wrong."""
    for number, files in _FILES.items():
        faults = [fault for name, wanted in files.items() if (fault := _fault(folder / name, *wanted))]
        yield number, "; ".join(faults) or f"right ({len(files)} files)"


def _fault(path: Path, shown: tuple[str, ...], unseen: tuple[str, ...]) -> str:
    try:
        draft = read(path)
    except AssistantError as exc:
        return f"{path.name}: {exc.message}"
    if "public" not in draft.metadata["labels"]:
        return ""  # nobody without the label reads it
    for text in unseen:
        if text in draft.text:
            return f"{path.name}: {text!r} is stored"
    at = 0
    for text in shown:
        found = draft.text.find(text, at)
        if found < 0:
            return f"{path.name}: {text!r} is missing"
        at = found + len(text)
    return ""
