"""Deadlines, sanctions and the number of projects."""

from __future__ import annotations

from assistant.rules.case import Case


def deadline(case: Case) -> None:
    """Find the last day: so many days or months after the starting day."""
    if case.want("event", "date"):
        return
    event = case.choice("event")
    start, length = case.input("date"), case.value(event)
    name = case.rule.inputs["event"].choices[event].label
    case.say("within", *length.clauses, event=name, start=start, length=length)
    case.after("last_day", start, length)


def sanctions(case: Case) -> None:
    """Find the greatest levy, from which levy on it is published, the longest ban, the last day of a sanction."""
    if not case.has("paid") and not case.has("end"):
        case.want("paid")
        return
    if case.has("paid"):
        paid = case.input("paid")
        case.times("levy_max", paid, case.value("levy_factor"), bound="max")
        case.times("publish_from", paid, case.value("publish_factor"), bound="min")
    if case.has("end"):
        case.after("last_day", case.input("end"), case.value("limit_years"))
    ban, published = case.value("ban_years"), case.value("publish_years")
    case.say("ban", *ban.clauses, *published.clauses, ban=ban, published=published)


def project_limit(case: Case) -> None:
    """Work out how many more projects a researcher may take on, as member and as principal investigator."""
    if case.want("running", "leading"):
        return
    counted, leading = case.input("running", "limit"), case.input("leading", "limit")
    if leading.number > counted.number:
        case.stop("impossible")
        return
    if case.has("ending"):
        counted = case.less("counted", counted, case.input("ending"))
    room = case.less("room", case.value("most"), counted)
    # projects that end soon may also be led ones, which nobody said: they only free a place in the whole
    free = case.less("room_leading", case.value("most_leading"), leading)
    can, can_lead = room.number > 0, room.number > 0 and free.number > 0
    if case.choice("role") == "leading":
        case.say("can_lead" if can_lead else "cannot_lead", "limit")
    elif case.choice("role") == "member" or can == can_lead:
        case.say("can" if can else "cannot", "limit")
    else:
        case.say("member_only", "limit")
