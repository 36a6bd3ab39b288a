"""Bodies of requests: each read up to a limit, and all that are held at a time up to another one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive

#: Largest body of a request, in bytes: a question has a few thousand.
BODY_LIMIT = 2**20
#: Bytes of bodies that are held at a time: from one address, and in all.
_OF_ADDRESS, _IN_ALL = 16 * 2**20, 64 * 2**20
#: Longest time for a body to arrive, in seconds.
_BODY_S = 30.0
#: How much of a refused body is read and thrown away (bytes, seconds).
_DRAIN, _DRAIN_S = 256 * 2**20, 15.0


class Refused(Exception):
    """A request that is not answered otherwise than with `status` and a sentence."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


class Bodies:
    """Reads bodies, and counts what it holds."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: Counter[str] = Counter()

    @contextmanager
    def held(self, address: str) -> Iterator[Body]:
        """A place for the body of one request from `address`; forgotten at the end."""
        body = Body(self, address)
        try:
            yield body
        finally:
            self._held[address] -= body.length
            if not self._held[address]:
                del self._held[address]

    def too_large(self) -> Refused:
        """What a sender of too much is told."""
        return Refused(413, f"A request may hold {self.limit:,} bytes.")

    def take(self, body: Body, part: bytes) -> None:
        """Count `part`. Raises Refused: 413 for more than a body may have, 503 when too much is held."""
        if body.length + len(part) > self.limit:
            raise self.too_large()
        if self._held[body.address] + len(part) > _OF_ADDRESS or self._held.total() + len(part) > _IN_ALL:
            raise Refused(503, "Too much arrives at once. Try again in a minute.")
        body.length += len(part)
        self._held[body.address] += len(part)


class Body:
    """The body of one request."""

    def __init__(self, bodies: Bodies, address: str) -> None:
        self._bodies = bodies
        self._ended = False
        self.address = address
        self.length = 0

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """The whole body. Raises Refused: 400, 413, 503, and 408 for one that does not arrive in time."""
        if "transfer-encoding" in headers and "content-length" in headers:  # two readers could take it differently
            raise Refused(400, "A request has one length.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:20]) > self._bodies.limit:
            raise self._bodies.too_large()
        try:
            return await asyncio.wait_for(self._all(receive), _BODY_S)
        except TimeoutError:
            self._ended = True
            raise Refused(408, "The request took too long to arrive.") from None

    async def _all(self, receive: Receive) -> bytes:
        found = bytearray()
        while not self._ended:
            part = await self._next(receive)
            self._bodies.take(self, part)
            found += part
        return bytes(found)

    async def _next(self, receive: Receive) -> bytes:
        message = await receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body")
        return bytes(message.get("body", b""))

    def passed(self, headers: Mapping[str, str], receive: Receive, limit: int) -> Receive:
        """A `receive` for a door that writes a body of up to `limit` bytes to disk, part by part.

        Raises Refused: 411, 413; while it is read, 408 when nothing arrives for a while, and 413.
        """
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or not (length.isascii() and length.isdecimal()):
            raise Refused(411, "An upload says how long it is.")
        if int(length[:20]) > limit:
            raise Refused(413, f"An upload may hold {limit:,} bytes.")
        left = limit

        async def next_part() -> Message:
            nonlocal left
            try:
                message = await asyncio.wait_for(receive(), _BODY_S)
            except TimeoutError:
                raise Refused(408, "The upload took too long to arrive.") from None
            left -= len(message.get("body", b""))
            if left < 0:
                raise Refused(413, f"An upload may hold {limit:,} bytes.")
            self._ended = message["type"] != "http.request" or not message.get("more_body")
            return message

        return next_part

    async def drain(self, headers: Mapping[str, str], receive: Receive) -> None:
        """Throw away what still arrives of a refused body, for a while: who is cut off would not hear why."""
        length = headers.get("content-length", "")
        if "expect" in headers or (length.isdecimal() and int(length[:20]) > _DRAIN):
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._throw_away(receive), _DRAIN_S)

    async def _throw_away(self, receive: Receive) -> None:
        left = _DRAIN
        while left > 0 and not self._ended:
            left -= len(await self._next(receive))


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what really comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
