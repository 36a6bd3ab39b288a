"""A programme as a card, always in one order: verdict, reason, clause, amounts and dates, what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal

from assistant.finder.fields import fields
from assistant.finder.values import Amount, Deadline, Found, Match, Note, Reason
from assistant.schema import Quote
from assistant.web.programmes.parts import Page, ended, icon, render_from, render_quote
from assistant.web.sentences import unbroken

#: The tokens' names of what a verdict or a state looks like.
LOOKS = {"eligible": "yes", "depends": "maybe", "not": "no", "unknown": "note"}
_SHAPES = {"met": "eligible", "assumed": "eligible", "open": "depends", "failed": "not", "gone": "unknown"}


class Card:
    """One card. Its clauses are numbered from 1, in the order in which they are named."""

    def __init__(self, page: Page, found: Found, match: Match) -> None:
        self._page = page
        self._found = found
        self._quotes = match.quotes
        named = [name for part in _parts(found) for name in part.citations]
        self._numbers: Mapping[str, int] = {name: number for number, name in enumerate(dict.fromkeys(named), start=1)}

    def render(self) -> str:
        """Give the card as HTML."""
        found, say = self._found, self._page.say
        deciding = _deciding(found)
        shown = [name for reason in deciding for name in reason.citations]
        others = [reason for reason in found.reasons if reason not in deciding]
        body = "".join(self._reason(reason) for reason in deciding)
        if others:
            body += f'<ul class="conds">{"".join(map(self._condition, others))}</ul>'
        body += self._settled_by() + self._figures() + self._notes() + self._clauses(shown)
        return (
            f'<article class="card {LOOKS[found.verdict]}" data-verdict="{found.verdict}" id="{found.programme}" '
            f'aria-labelledby="{found.programme}-title"><div class="top"><span class="tag {LOOKS[found.verdict]}">'
            f"{icon(found.verdict, 'shape')}{say(f'verdict_{found.verdict}')}</span>"
            f'<h3 id="{found.programme}-title">{escape(found.title)}</h3>{self._calendar()}'
            f'<p class="from">{escape(found.owner)}</p></div><div class="body">{body}</div>{self._foot()}</article>'
        )

    def _reason(self, reason: Reason) -> str:
        """A deciding reason with the words that decide."""
        return f"<p>{escape(reason.text)}</p>{''.join(map(self._clause, reason.citations))}"

    def _condition(self, reason: Reason) -> str:
        said = self._page.say(f"state_{reason.state}")
        return (
            f'<li class="{reason.state}">{icon(_SHAPES[reason.state], "shape")}<span><span class="unseen">{said}: '
            f"</span>{ended(reason.text, self._chips(reason.citations))}</span></li>"
        )

    def _settled_by(self) -> str:
        if not self._found.depends_on:
            return ""
        language = self._page.language
        links = "".join(
            f'<a class="link" href="#field-{name}">{escape(fields()[name].entry.label.of(language))}</a>'
            for name in self._found.depends_on
        )
        return f'<p class="settled"><span class="soft">{self._page.say("depends_on")}</span>{links}</p>'

    def _figures(self) -> str:
        """At most, you bear, dates; what the documents do not say is written out."""
        found, say = self._found, self._page.say
        closed = found.verdict in ("not", "unknown")  # that the time is over is a reason and stands above
        dates = "".join(self._date(each) for each in found.deadlines if not (closed and each.past))
        if closed:
            return f'<dl class="amt"><div><dt>{say("date")}</dt>{dates}</div></dl>' if dates else ""
        nothing = f'<dd class="nil">{say("not_in_documents")}</dd>'
        return (
            f'<dl class="amt"><div><dt>{say("most")}</dt>{self._amounts("most")}</div>'
            f"<div><dt>{say('bears')}</dt>{self._amounts('bears')}</div>"
            f"<div><dt>{say('date')}</dt>{dates or nothing}</div></dl>"
        )

    def _amounts(self, role: Literal["most", "bears"]) -> str:
        given = "".join(self._amount(amount) for amount in self._found.amounts if amount.role == role)
        if given:
            return given
        if wanted := self._found.wanted:
            labels = ", ".join(fields()[name].entry.label.of(self._page.language) for name in wanted)
            return f'<dd class="nil">{self._page.say("wants", fields=labels)}</dd>'
        return f'<dd class="nil">{self._page.say("not_in_documents")}</dd>'

    def _amount(self, amount: Amount) -> str:
        name, _, worked = amount.formula.partition(": ")
        how = worked if name.lower() == amount.label.lower() else amount.formula
        how = f"<small>{unbroken(how.replace(' - ', ' − '))}</small>" if how else ""
        # the column says it already
        label = "" if amount.label == self._page.text(amount.role) else f"<small>{escape(amount.label)}</small>"
        return f"<dd>{label}{ended(amount.text, self._chips(amount.citations))}{how}</dd>"

    def _date(self, deadline: Deadline) -> str:
        key = "days_past" if deadline.past else "days_left" if deadline.days_left else "today"
        said = self._page.say(key, count=abs(deadline.days_left))
        return (
            f'<dd><small>{escape(deadline.label)}</small><time datetime="{deadline.day}">{deadline.day}</time> · '
            f'<span class="nowrap">{said}{self._chips(deadline.citations)}</span></dd>'
        )

    def _notes(self) -> str:
        rows = "".join(f"<li>{self._note(note)}</li>" for note in self._found.notes)
        return f'<div class="also"><b>{self._page.say("also")}</b><ul>{rows}</ul></div>' if rows else ""

    def _note(self, note: Note) -> str:
        return ended(note.text, self._chips(note.citations))

    def _clauses(self, shown: list[str]) -> str:
        """The clauses that other parts rest on."""
        left = [name for name in self._numbers if name not in shown]
        if not left:
            return ""
        return (
            f'<details class="clauses"><summary>{self._page.say("clauses", count=len(left))}</summary>'
            f"{''.join(map(self._clause, left))}</details>"
        )

    def _clause(self, name: str) -> str:
        quote, number = self._quotes[name], self._numbers[name]
        return (
            f'<div class="clause" id="{self._found.programme}-{number}"><span class="n" aria-hidden="true">{number}'
            f"</span>{render_quote(quote)}{render_from(self._page, quote)}</div>"
        )

    def _chips(self, citations: tuple[str, ...]) -> str:
        named = sorted(set(citations), key=lambda name: self._numbers[name])
        return "".join(self._chip(self._numbers[name], self._quotes[name]) for name in named)

    def _chip(self, number: int, quote: Quote) -> str:
        said = f"{self._page.say('clause', number=number)}, {escape(quote.title)}"
        return f'<a class="cite" href="#{self._found.programme}-{number}" aria-label="{said}">{number}</a>'

    def _foot(self) -> str:
        found, say = self._found, self._page.say
        unknown = " ".join(map(self._note, found.not_known))
        said = f"<p><b>{say('not_known')}</b> {unknown}</p>" if unknown else ""
        return f'<footer class="soft">{said}<p><b>{say("whom")}</b> {escape(found.ask)}</p></footer>'

    def _calendar(self) -> str:
        """The way to the days ahead as a calendar file."""
        if all(deadline.past for deadline in self._found.deadlines):
            return ""
        address = f"{self._page.root}/programmes/days/{self._found.programme}.ics?lang={self._page.language}"
        said = self._page.say("calendar", title=self._found.title)
        return f'<a class="btn dense" download href="{address}" aria-label="{said}">{icon("calendar")}.ics</a>'


def _parts(found: Found) -> list[Reason | Amount | Deadline | Note]:
    shown = [deadline for deadline in found.deadlines if found.verdict not in ("not", "unknown") or not deadline.past]
    return [*found.reasons, *found.amounts, *shown, *found.notes, *found.not_known]


def _deciding(found: Found) -> list[Reason]:
    """What the verdict rests on: all that fails, or all that is open; of what is met the first."""
    first = found.reasons[:1]
    if found.verdict in ("not", "depends"):
        return [reason for reason in found.reasons if reason.state == found.reasons[0].state]
    return list(first)
