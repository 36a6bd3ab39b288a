"""Metadata: read as text, checked, and never public by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest import frontmatter


def test_values_stay_text_and_every_key_has_a_value() -> None:
    raw, body = frontmatter.split(
        "---\ntitle: 표준 공고\nversion: 1.10\ndate: 2026-11-22\nsupersedes: null\nsample: true\nsource: 산업통상부\n"
        "unknown: x\n---\n본문\n",
        "a.md",
    )
    checked = frontmatter.validated(raw, "a.md")
    assert body == "본문\n"
    assert checked["version"] == "1.10"  # not the number 1.1
    assert checked["date"] == "2026-11-22"
    assert checked["supersedes"] == "" and checked["collection"] == ""
    assert checked["sample"] is True and checked["source"] == ("산업통상부",)
    assert checked["labels"] == ("public",)
    assert "unknown" not in checked


@pytest.mark.parametrize("labels", ["[staff, 'company:gaon']", "[가온정밀]", "staff", "\n  - staff\n  - a_b-1"])
def test_labels(labels: str) -> None:
    raw = frontmatter.parse(f"labels: {labels}", "a.md")
    assert frontmatter.validated(raw, "a.md")["labels"] != ("public",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("labels: [Secret]", "labels"),
        ("labels: [a b]", "labels"),
        ("labels: 'staff, public'", "labels"),
        ("labels:", "labels"),
        ("labels: []", "labels"),
        ("labels: ['']", "labels"),
        ("labels: {staff: 1}", "labels"),
        ("label: [staff]", "label"),
        ("lables: [staff]", "lables"),
        ("Labels: [staff]", "Labels"),
        ("language: kr", "language"),
        ("date: 22.11.2026", "date"),
        ("effective_date: 2026-02-30", "effective_date"),
        ("supersedes: ../secret.md", "supersedes"),
        ("superseded_by: /etc/passwd", "superseded_by"),
        ("sample: perhaps", "sample"),
        ("title: [a, b]", "title"),
        ("source: [[a]]", "source"),
    ],
)
def test_bad_values_name_the_key(text: str, named: str) -> None:
    with pytest.raises(ReadError) as caught:
        frontmatter.validated(frontmatter.parse(text, "a.md"), "a.md")
    assert f"'{named}'" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["title: a: b", "- a\n- b", "a: 1\na: 2", "labels: [staff]\nlabels: [public]", "a: *x", "just text", "[" * 5000],
)
def test_bad_yaml(text: str) -> None:
    with pytest.raises(ReadError) as caught:
        frontmatter.parse(text, "a.md")
    assert "a.md" in caught.value.message


def test_front_matter_that_is_not_closed() -> None:
    with pytest.raises(ReadError, match="not closed"):
        frontmatter.split("---\nlabels: [staff]\n\nText\n", "a.md")


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    assert frontmatter.split("---\n\nText\n", "a.md") == ({}, "---\n\nText\n")


def test_sidecar_wins_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    (tmp_path / "a.md.meta.yaml").write_text("\ufefftitle: Beside\nversion: null\n", encoding="utf-8")
    merged = frontmatter.merged({"title": "Inside", "version": "2", "labels": ["staff"]}, frontmatter.sidecar(path))
    checked = frontmatter.validated(merged, "a.md")
    assert (checked["title"], checked["version"], checked["labels"]) == ("Beside", "2", ("staff",))


def test_sidecar_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.md.meta.yaml").write_bytes(b"labels: [\xff\xfe]")
    with pytest.raises(ReadError, match=r"a\.md\.meta\.yaml"):
        frontmatter.sidecar(tmp_path / "a.md")


@pytest.mark.parametrize("date", ["2026", "2026-11", "2026-11-22"])
def test_dates_may_be_less_precise(date: str) -> None:
    assert frontmatter.validated({"date": date}, "a.md")["date"] == date
