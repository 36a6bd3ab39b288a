from __future__ import annotations

import random

from assistant.web.queue import FairQueue


def served(queue: FairQueue[str], count: int) -> list[str]:
    return [queue.take() for _ in range(count)]


def filled(*items: str) -> FairQueue[str]:
    """Items such as "a1"; their owner is the letter."""
    queue: FairQueue[str] = FairQueue()
    for item in items:
        queue.put(item, item[0])
    return queue


def test_users_take_turns_however_much_one_of_them_asks() -> None:
    queue = filled("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    assert queue.order() == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]
    assert served(queue, 7) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_who_was_just_served_waits_for_those_who_were_not() -> None:
    queue = filled("a1", "b1", "c1")
    assert queue.take() == "a1"
    queue.put("a2", "a")
    assert served(queue, 3) == ["b1", "c1", "a2"]


def test_one_by_one_they_are_served_in_the_order_they_came() -> None:
    names = [f"{letter}1" for letter in "zyxwv"]
    assert served(filled(*names), 5) == names


def test_newcomers_hold_up_nobody_for_ever() -> None:
    queue = filled("a1", "a2")
    queue.take()
    for number in range(5):
        queue.put(f"{number}", f"new{number}")
    assert queue.order().index("a2") <= 5
    queue.take()
    queue.put("late", "somebody else")
    assert queue.order().index("a2") < queue.order().index("late")


def test_an_owner_that_is_idle_saves_up_nothing() -> None:
    queue = filled("b1", "c1", "d1")
    served(queue, 3)
    for item in ("b2", "b3", "b4", "a1", "a2", "a3"):
        queue.put(item, item[0])
    order = queue.order()
    assert [order.index(f"a{n}") for n in (1, 2, 3)] == sorted(order.index(f"a{n}") for n in (1, 2, 3))
    assert all(abs(order.index(f"a{n}") - order.index(f"b{n + 1}")) <= 2 for n in (1, 2, 3))


def test_what_was_taken_out_costs_its_owner_no_turn() -> None:
    queue = filled("a1", "a2", "a3", "b1")
    assert queue.remove("a1") and not queue.remove("a1")
    assert served(queue, 3) == ["a2", "b1", "a3"]


def test_what_is_postponed_waits_for_all_others_and_gets_its_place_back() -> None:
    queue = filled("a1", "b1", "c1")
    queue.postpone("a1", True)
    queue.put("d1", "d")
    assert queue.order() == ["b1", "c1", "d1", "a1"]
    queue.postpone("a1", False)
    assert queue.order() == ["a1", "b1", "c1", "d1"]
    queue.postpone("nothing such", True)


def test_nothing_is_lost_or_served_twice_and_no_share_is_exceeded() -> None:
    """Whatever comes in whatever order: while both wait, no owner gets two turns more than another."""
    chance = random.Random(7)
    for _ in range(50):
        queue: FairQueue[str] = FairQueue()
        put: list[str] = []
        taken: list[str] = []
        for number in range(120):
            if chance.random() < 0.55 or not len(queue):
                owner = chance.choice("abc" if number % 2 else "aaab")
                put.append(f"{owner}{number}")
                queue.put(put[-1], owner)
            else:
                taken.append(queue.take())
        rest = served(queue, len(queue))
        assert sorted(taken + rest) == sorted(put)
        waiting = {owner: sum(item[0] == owner for item in rest) for owner in "abc"}
        least = min(waiting.values())
        for upto in range(min(len(rest), 3 * least)):
            counts = [sum(item[0] == owner for item in rest[:upto]) for owner in "abc"]
            assert max(counts) - min(counts) <= 2
        assert [item for item in rest if item[0] == "b"] == sorted(
            (item for item in rest if item[0] == "b"), key=lambda item: int(item[1:])
        )
