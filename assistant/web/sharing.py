"""Questions of the page where several web processes share one line: any of them answers, all of them show it.

A question is stored, takes its place in the shared line and is claimed by the first process that is free to look for
evidence. That one goes on with it in its own line, and stores what is said; the others read it there, a few times a
second. When a process dies, its answers stand as far as they were stored, and can be asked again; what it had not
claimed yet is answered by another one.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from assistant.accounts.visitors import Visitor
from assistant.audit import Audit
from assistant.conversations import Conversations
from assistant.errors import AssistantError, ConversationMissing, LineFull, Stopping
from assistant.settings import Settings
from assistant.web.line import Ended, Failed, Line, Report
from assistant.web.places import Place, Places, Seen
from assistant.web.running import Exchange, Running, owner_of
from assistant.web.turns import ShownTurn

log = logging.getLogger(__name__)

#: Between two looks at the line, in seconds; after an error of the database.
_LOOK_S, _PAUSE_S = 0.25, 1.0


class SharedExchange(Exchange):
    """`place`: its number in the shared line, 0 before it has one; `seen`: what of it is in `turn`.

    `claim`: the answer that this process makes, if it does; what is said by an earlier one counts no more.
    """

    place = 0
    seen: tuple[int, int] = (-1, -1)
    claim: object = None


class SharedRunning(Running):
    """All questions of the page that this process answers, or shows while another one does."""

    def __init__(self, line: Line, conversations: Conversations, places: Places, audit: Audit | None = None) -> None:
        """Ends with `line`, and closes `places` then."""
        super().__init__(line, conversations, audit)
        self._places = places
        self._woken = threading.Event()
        self._waiting = 0
        line.shared, line.freed = places, self._woken.set
        threading.Thread(target=self._work, name="line-shared", daemon=True).start()

    def begin(self, question: str, visitor: Visitor, conversation: str) -> Exchange:
        """Store `question` and have it answered by whichever process is free. Raises OneAtATime, PathError.

        When too many questions wait, what comes back has failed already. Writes to the database.
        """
        exchange = SharedExchange(conversation, visitor, ShownTurn(number=0, question=question))
        self._history(conversation, visitor)  # begins it
        number = self._places.enter(conversation, owner_of(visitor, conversation), visitor)
        try:
            turn = self.conversations.take(conversation, visitor.user_id, question)
            exchange.turn = ShownTurn(number=turn, question=question)
            exchange.place = number
            given_up = self._places.wait(number, turn)
        except LineFull as exc:
            self._hear(exchange, Failed(exc))
            return exchange
        except BaseException:
            self._places.leave(number)
            raise
        found = self._known(exchange)  # another tab may have looked already
        if given_up and (lost := self._exchange(given_up)):
            self._hear(lost, Ended())
        self._woken.set()
        return found

    def stop(self, exchange: Exchange) -> None:
        """Stop a question because its reader says so, whichever process answers it."""
        if exchange.ticket is not None or not isinstance(exchange, SharedExchange):
            super().stop(exchange)
        elif self._places.stop(exchange.place):
            exchange.by_reader = True
            self._hear(exchange, Ended())

    @property
    def idle(self) -> bool:
        """Whether no question waits or is being answered here."""
        return super().idle and not self._waiting

    # --- what the other processes do ----------------------------------------------------------------------------------

    def _work(self) -> None:
        troubled = False
        while not self._line.closed:
            self._woken.clear()
            try:
                self._tick()
                troubled = False
            except AssistantError as exc:
                if not troubled:
                    log.error("The line is not seen. %s", exc)
                troubled = True
            except Exception:  # a defect: the next look may do better
                log.exception("A look at the line failed.")
                troubled = True
            self._woken.wait(_PAUSE_S if troubled else _LOOK_S)
        self._places.close()

    def _tick(self) -> None:
        """Show what others have answered, do what readers elsewhere want, and claim what comes next."""
        with self._lock:  # before the look: what comes between would seem to be gone
            known = [each for each in self._going.values() if isinstance(each, SharedExchange) and each.place]
        seen = self._places.look()
        places, mine = dict(seen.places), self._places.process
        answered = {each.place for each in known if each.claim} | self._places.left
        for place in seen.places.values():
            if place.process == mine and place.conversation and place.turn and place.number not in answered:
                self._places.release(place.number)
            elif place.process not in (None, mine) and place.process not in seen.alive:
                self._places.leave(place.number)
                del places[place.number]
        for exchange in known:
            found = places.get(exchange.place)
            if exchange.ticket is None:
                self._follow(exchange, found, seen)
            elif found:
                self._attend(exchange, found)
        self._waiting = len(seen.order)
        if seen.order and not self._line.draining and not any(self._is_read(each) for each in known):
            self._claim()

    def _is_read(self, exchange: Exchange) -> bool:
        return exchange.ticket is not None and self._line.is_read(exchange.ticket)

    def _follow(self, exchange: SharedExchange, place: Place | None, seen: Seen) -> None:
        """Show how far another process has come."""
        ahead = 0
        if place and place.process is None:
            ahead = seen.order.index(place.number) + 1 if place.number in seen.order else exchange.turn.ahead
        elif place:
            ahead = place.ahead
        now = (place.changes, ahead) if place else None
        if now == exchange.seen:
            return
        turn = self._stored(exchange, exchange.turn.number, ahead if place else None)
        with exchange.lock:
            exchange.seen = now or exchange.seen
            exchange.turn = turn or exchange.turn.ended(by_reader=False)  # None: deleted, and nobody can see it
        if place is None:
            super()._forget(exchange)
        elif exchange.looks and not place.watched:
            self._places.watch(place.number, True)
        exchange.wake()

    def _attend(self, exchange: SharedExchange, place: Place) -> None:
        """Do what readers at other processes want of an answer of this one."""
        ticket = exchange.ticket
        if ticket is None:
            return
        if place.stopped:
            exchange.by_reader = True
            self._line.leave(ticket)
            return
        watched = bool(exchange.looks) or place.watched
        if watched != ticket.watched:
            self._line.watch(ticket, watched)
        if place.ahead != exchange.turn.ahead:
            self._places.tell(place.number, exchange.turn.ahead)

    def _claim(self) -> None:
        place = self._places.claim()
        exchange = self._exchange(place) if place else None
        if place is None or exchange is None:
            if place:  # its conversation was deleted
                self._places.leave(place.number)
            return
        exchange.turn = ShownTurn(number=place.turn, question=exchange.turn.question)
        exchange.claim = claim = object()

        def hear(report: Report) -> None:
            if exchange.claim is claim:
                self._hear(exchange, report)

        try:
            ticket = self._line.join(
                exchange.turn.question,
                place.visitor.labels,
                self._history(place.conversation, place.visitor),
                owner=place.owner,
                tell=hear,
                admitted=True,
            )
        except AssistantError as exc:  # it waits again
            exchange.claim = None
            if not isinstance(exc, Stopping):
                raise
            return
        with exchange.lock:
            exchange.ticket = ticket
        self._line.watch(ticket, bool(exchange.looks) or place.watched)

    # --- one question -------------------------------------------------------------------------------------------------

    def _find(self, conversation: str) -> Exchange | None:
        exchange = super()._find(conversation)
        if exchange is not None and not exchange.turn.running:
            return None
        if exchange is None and conversation and (place := self._places.of(conversation)):
            exchange = self._exchange(place)
        return exchange

    def _exchange(self, place: Place) -> SharedExchange | None:
        """The question at a place; None when its conversation was deleted."""
        with self._lock:
            known = self._going.get(place.conversation)
        if isinstance(known, SharedExchange) and known.place == place.number:
            return known
        made = SharedExchange(place.conversation, place.visitor, ShownTurn(number=place.turn, question=""))
        turn = self._stored(made, place.turn, place.ahead or int(place.process is None))
        if turn is None:
            return None
        made.turn, made.place = turn, place.number
        return self._known(made)

    def _known(self, made: SharedExchange) -> SharedExchange:
        """What is known already of the same question; `made` is from now on where there is nothing."""
        with self._lock:
            known = self._going.get(made.conversation)
            if isinstance(known, SharedExchange) and known.place == made.place:
                return known
            self._going[made.conversation] = made
        return made

    def _stored(self, exchange: Exchange, number: int, ahead: int | None) -> ShownTurn | None:
        """The turn as it is stored, with `ahead` questions before it while it runs; None: nobody answers it now."""
        visitor = exchange.visitor
        try:
            kept = self.conversations.turns(exchange.conversation, visitor.user_id, visitor.labels)
        except ConversationMissing:
            return None
        found = next((turn for turn in kept if turn.number == number), None)
        if found is None:
            return None
        turn = ShownTurn.of(found)
        return turn if ahead is None or found.state != "running" else replace(turn, stage="searching").queued(ahead)

    def _watch(self, exchange: Exchange, watched: bool) -> None:
        super()._watch(exchange, watched)
        if isinstance(exchange, SharedExchange) and exchange.place and exchange.turn.running:
            self._places.watch(exchange.place, watched)

    def _hear(self, exchange: Exchange, report: Report) -> None:
        stopped = isinstance(report, Failed) and isinstance(report.error, Stopping) and not exchange.turn.evidence
        if stopped and isinstance(exchange, SharedExchange):
            exchange.claim = exchange.ticket = None  # another process answers it, or this one when it is back
        else:
            super()._hear(exchange, report)

    def _keep(self, exchange: Exchange, turn: ShownTurn) -> None:
        super()._keep(exchange, turn)
        if isinstance(exchange, SharedExchange) and exchange.place and turn.running:
            self._places.touch(exchange.place)

    def _forget(self, exchange: Exchange) -> None:
        if isinstance(exchange, SharedExchange) and exchange.place:
            self._places.leave(exchange.place)  # first: what has a place and no answer here waits for another process
        super()._forget(exchange)


def open_running(settings: Settings, line: Line, conversations: Conversations, audit: Audit | None = None) -> Running:
    """Questions of one process; where the settings name PostgreSQL, of all that share it. Raises PathError."""
    url = settings.database_url.get_secret_value()
    if url.startswith("postgresql"):
        return SharedRunning(line, conversations, Places(url), audit)
    return Running(line, conversations, audit)
