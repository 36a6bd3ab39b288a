"""A fair queue: whoever asks much waits behind those who ask little. Knows nothing of questions, threads or pages.

A kind of start-time fair queueing with equal shares (Goyal, Vin and Cheng, SIGCOMM 1996): an item gets the round after
that of its owner's item before, yet none that has begun. Rounds are served in order; within a round, owners that were
not in the round before go first, then those who came first. A round that has begun takes nobody in, so newcomers hold
up nobody for ever, except that postponed items wait for all others.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Place(Generic[T]):
    item: T
    owner: str
    round: int
    again: bool  # its owner was in the round before
    postponed: bool = False


class FairQueue(Generic[T]):
    """Items with their owners, none of them twice. Not safe for threads: its user holds a lock."""

    def __init__(self) -> None:
        self._places: list[_Place[T]] = []
        self._begun = -1
        self._served: dict[str, int] = {}

    def to_json(self) -> str:
        """The whole queue, for another process to go on with; its items are numbers or strings."""
        places = [astuple(place) for place in self._places]
        return json.dumps({"begun": self._begun, "served": self._served, "places": places}, ensure_ascii=False)

    @classmethod
    def from_json(cls, written: str) -> FairQueue[T]:
        """The queue that `to_json` wrote."""
        queue, value = cls(), json.loads(written)
        queue._begun, queue._served = value["begun"], value["served"]
        queue._places = [_Place(*place) for place in value["places"]]
        return queue

    def __len__(self) -> int:
        return len(self._places)

    def put(self, item: T, owner: str, *, postponed: bool = False) -> None:
        """Let `item` wait."""
        taken = [place.round for place in self._places if place.owner == owner]
        before = max(taken, default=self._served.get(owner, -2))
        own = max(self._begun, before) + 1
        self._places.append(_Place(item, owner, own, before == own - 1, postponed))

    def take(self) -> T:
        """The item whose turn it is. IndexError when nothing waits."""
        first = self._in_order()[0]
        self._places.remove(first)
        self._begun = max(self._begun, first.round)
        self._served = {name: at for name, at in self._served.items() if at >= self._begun}
        self._served[first.owner] = first.round
        return first.item

    def remove(self, item: T) -> bool:
        """Take `item` out of its place; False when it has none."""
        place = self._place_of(item)
        if place is None:
            return False
        self._places.remove(place)
        left = (place.round, place.again)
        for later in sorted(self._places, key=lambda each: each.round):  # what its owner asked after it moves up
            if later.owner == place.owner and later.round > place.round:
                left, (later.round, later.again) = (later.round, later.again), left
        return True

    def postpone(self, item: T, postponed: bool) -> None:
        """Let `item` wait for all that are not postponed, or no longer; does nothing when it has no place."""
        if place := self._place_of(item):
            place.postponed = postponed

    def order(self) -> list[T]:
        """All items as they would be served if none came or went."""
        return [place.item for place in self._in_order()]

    def count(self, owner: str) -> int:
        """How many items of `owner` wait."""
        return sum(place.owner == owner for place in self._places)

    def _in_order(self) -> list[_Place[T]]:
        # the sort is stable: else first come, first served
        return sorted(self._places, key=lambda place: (place.postponed, place.round, place.again))

    def _place_of(self, item: T) -> _Place[T] | None:
        return next((place for place in self._places if place.item == item), None)
