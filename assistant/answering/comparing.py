"""Questions for what changed between two versions of a document: recognised, compared and told with both sides' words.

The reader recognises the question by a card, recall tells the document, code compares, and the reader must find that
the comparison answers: a question about one value is left to the documents. Only what the asker may see is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answering.changes import Told, again, counted, is_heading, rest, summary, told
from assistant.answering.computing import Computation
from assistant.answering.understand import in_context
from assistant.comparison.card import card
from assistant.comparison.compare import compare
from assistant.comparison.values import Comparison
from assistant.comparison.versions import family_of, pair_in
from assistant.index import Visible
from assistant.quoting import quote_id
from assistant.reading import Reader
from assistant.reading.probability import logit, sigmoid
from assistant.schema import Document, Excerpt, Hit, Question, Quote, Sentence
from assistant.tuning import Tuning

#: So many changes are shown, in all.
_SHOWN = 12
#: So many are read for how near they are to the question; those behind stay in the order of the document.
_READ = 64
#: So much nearer must another change be to stand before one of values.
_NEARER = 0.6
#: So many documents with versions are compared, at most, before it is known which is meant.
_FAMILIES = 3
#: What has this share of the best one's score may be meant as well.
_AS_NEAR = 0.9


def compare_versions(
    asked: Question, search: Callable[[str, Visible], Sequence[Hit]], visible: Visible, reader: Reader, tuning: Tuning
) -> Computation | None:
    """Compare the versions that are asked about; None when something else is asked, or no two versions can be seen.

    `search` finds the passages for a text, best first.
    """
    picked = reader.read(asked.typed, [card(asked.language)])[0].answers
    if asked.before and picked >= tuning.compare_card:  # "can we use it again?" by itself could be about anything
        picked = min(picked, reader.read(in_context(asked), [card(asked.language)])[0].answers)
    if picked < tuning.compare_card:
        return None
    found = _comparisons(asked, search(in_context(asked), visible), visible)
    judged = [(score, _answers(comparison, asked, reader), comparison) for score, comparison in found]
    best = max((score + tuning.weight * answers for score, answers, _ in judged), default=0.0)
    near = [each for each in judged if each[0] + tuning.weight * each[1] >= _AS_NEAR * best]
    sure = [each for _, answers, each in near if sigmoid(logit(picked) + logit(answers) / 2) >= tuning.compare]
    return _computation(asked, sure, reader) if sure else None


def _comparisons(asked: Question, hits: Sequence[Hit], visible: Visible) -> list[tuple[float, Comparison]]:
    """Compare the versions of the nearest documents that have some, with the search's score; those of one language."""
    documents = visible.documents()
    families: dict[tuple[Document, ...], float] = {}
    for hit in hits:
        if not any(hit.document in family for family in families):
            families[family_of(hit.document, documents)] = hit.score
    several = {family: score for family, score in families.items() if len(family) > 1}
    own = {family: score for family, score in several.items() if family[-1].language == asked.language} or several
    found = []
    for family, score in list(own.items())[:_FAMILIES]:
        old, new = pair_in(family, asked.text, asked.years)
        if comparison := compare(old.document_id, new.document_id, visible):
            found.append((score, comparison))
    return found


def _answers(comparison: Comparison, asked: Question, reader: Reader) -> float:
    """The probability that the comparison answers the question; read without dates, which answer others."""
    said = counted(comparison, comparison.old.title, comparison.new.title, asked.language)
    return reader.read(asked.typed, [Excerpt(said)])[0].answers


def _computation(asked: Question, comparisons: Sequence[Comparison], reader: Reader) -> Computation:
    """The counts of each comparison, and as many of its changes as there is room for, with quotes of both versions."""
    language = asked.language
    sentences: list[Sentence] = []
    evidence: dict[str, Quote] = {}
    facts = []
    for comparison in comparisons:
        shown, left = _nearest(comparison, asked, reader, _SHOWN // len(comparisons))
        stated = [Sentence(each.text, tuple(_cited(quote, evidence) for quote in each.quotes)) for each in shown]
        sides = {evidence[name].document_id: name for each in reversed(stated) for name in reversed(each.citations)}
        about = tuple(
            sorted(sides.values(), key=list(evidence).index)
        )  # who may not see one version any more does not see the counts either
        sentences += [Sentence(summary(comparison, language), about), *stated]
        sentences += [Sentence(rest(left, language), about)] if left else []
        facts.append({**{name: comparison.to_json()[name] for name in ("old", "new", "counts")}, "shown": len(shown)})
    return Computation(asked.text, tuple(sentences), tuple(evidence.values()), False, comparisons=tuple(facts))


def _cited(quote: Quote, evidence: dict[str, Quote]) -> str:
    """Add a quote to the evidence; its id there."""
    name = quote_id(quote.document_id, quote.start, quote.end, evidence)
    evidence[name] = replace(quote, id=name)
    return name


def _nearest(comparison: Comparison, asked: Question, reader: Reader, most: int) -> tuple[list[Told], int]:
    """The changes nearest to the question, each figure once, with how often it changed; and how many are left out.

    Headings and header rows are counted, not shown.
    """
    title, language = comparison.new.title, asked.language
    distinct = _distinct([told(change, language) for change in comparison.changes if not is_heading(change)])
    excerpts = [Excerpt(each.text, title, "".join(each.quotes[-1].heading_path[-1:])) for each, _ in distinct[:_READ]]
    readings = reader.read(asked.text, excerpts) if excerpts else []
    near = [
        reading.answers + _NEARER * bool(each.values) for reading, (each, _) in zip(readings, distinct, strict=False)
    ]
    order = sorted(range(len(distinct)), key=lambda n: -near[n] if n < len(near) else 1.0)
    shown = [distinct[n] for n in order[:most]]
    left = len(comparison.changes) - sum(1 + more for _, more in shown)
    return [replace(each, text=each.text + again(more, language)) for each, more in shown], left


def _distinct(said: Sequence[Told]) -> list[tuple[Told, int]]:
    """The changes, those of values first, without places where nothing but figures of others changed.

    Each with how many such places there are; of equal ones the shortest stands for all.
    """
    kept: list[Told] = []
    more: Counter[int] = Counter()
    for each in sorted(said, key=lambda each: (len(each.values), len(each.text) if each.values else 0)):
        if each.values and each.values <= frozenset[tuple[str, str]]().union(*(one.values for one in kept)):
            more[next(n for n, one in enumerate(kept) if each.values & one.values)] += 1
        else:
            kept.append(each)
    return sorted(((each, more[n]) for n, each in enumerate(kept)), key=lambda pair: not pair[0].values)
