"""Questions that are being answered, whoever looks: they go on when a tab is reloaded or closed, and are found again.

A question is stored before it joins the line, and what is said of it as it is said. Whoever opens its conversation
meanwhile sees it grow; when nobody looks, it gives way to those that somebody waits for. Knows nothing of Gradio or
HTML.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from assistant.accounts.visitors import Visitor
from assistant.audit import Audit, shown_by
from assistant.conversations import Conversations, Progress
from assistant.errors import ConversationMissing, LineFull, OneAtATime, PathError, Stopping
from assistant.schema import EvidenceFound, Finished, SentenceReady, Turn
from assistant.web.line import Ahead, Ended, Failed, Line, Report, Ticket
from assistant.web.texts import error_key
from assistant.web.turns import ShownTurn

log = logging.getLogger(__name__)

#: What the audit log calls the page.
DOOR = "page"


class Exchange:
    """One question and what becomes of it: `turn` is as far as it has come.

    `ticket`: its place in the line of this process; None while another one answers, or none yet.
    """

    def __init__(self, conversation: str, visitor: Visitor, turn: ShownTurn) -> None:
        self.conversation = conversation
        self.visitor = visitor
        self.turn = turn
        self.ticket: Ticket | None = None
        self.looks: set[Look] = set()
        self.by_reader = False
        self.lock = threading.Lock()

    def wake(self) -> None:
        """Have everybody who looks look again."""
        for look in tuple(self.looks):
            look.wake()


class Look:
    """Somebody's look at a question, until it is closed."""

    def __init__(self, done: Callable[[Look], None], exchange: Exchange) -> None:
        """Must be made in an event loop."""
        self._done = done
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._closed = False

    def wake(self) -> None:
        """Look again; from any thread."""
        with suppress(RuntimeError):  # the loop is gone, and so is who looked
            self._loop.call_soon_threadsafe(self._changed.set)

    def close(self) -> None:
        """Look no more. Does nothing the second time."""
        if not self._closed:
            self._closed = True
            self._done(self)
            self._changed.set()

    async def turns(self) -> AsyncIterator[ShownTurn]:
        """The turn as it is, and then whenever it has changed, up to its end or until this is closed."""
        while not self._closed:
            self._changed.clear()
            turn = self._exchange.turn
            yield turn
            if not turn.running:
                return
            await self._changed.wait()


class Running:
    """All questions of the page that are being answered: at most one in a conversation."""

    def __init__(self, line: Line, conversations: Conversations, audit: Audit | None = None) -> None:
        self.conversations = conversations
        self.audit = audit
        self._line = line
        self._lock = threading.Lock()
        self._going: dict[str, Exchange] = {}

    def begin(self, question: str, visitor: Visitor, conversation: str) -> Exchange:
        """Store `question` and have it answered. Raises OneAtATime, PathError.

        When too many questions wait, what comes back has failed already. Writes to the disk.
        """
        exchange = Exchange(conversation, visitor, ShownTurn(number=0, question=question))
        with self._lock:
            if conversation in self._going:
                raise OneAtATime("The question before is still being answered.", "Wait for its end, or stop it.")
            self._going[conversation] = exchange
        try:
            history = self._history(conversation, visitor)
            number = self.conversations.take(conversation, visitor.user_id, question)
            exchange.turn = ShownTurn(number=number, question=question)
            ticket = self._line.join(
                question,
                visitor.labels,
                history,
                owner=owner_of(visitor, conversation),
                tell=lambda report: self._hear(exchange, report),
            )
        except (LineFull, Stopping) as exc:
            self._hear(exchange, Failed(exc))
            return exchange
        except BaseException:
            self._forget(exchange)
            raise
        with exchange.lock:
            exchange.ticket = ticket
        if exchange.by_reader:  # stopped meanwhile
            self._line.leave(ticket)
        return exchange

    def of(self, conversation: str, visitor: Visitor) -> Exchange | None:
        """The question of `visitor` that is being answered in `conversation`.

        One that was begun with other labels is stopped: what it found may not be theirs any more.
        """
        exchange = self._find(conversation)
        if exchange is None or exchange.visitor.user_id != visitor.user_id:
            return None
        if exchange.visitor.labels != visitor.labels:
            self.stop(exchange)
            return None
        return exchange

    def _find(self, conversation: str) -> Exchange | None:
        with self._lock:
            return self._going.get(conversation)

    def look(self, exchange: Exchange) -> Look:
        """Look at a question; while somebody does, it keeps its place."""
        look = Look(lambda closed: self._look_away(exchange, closed), exchange)
        with exchange.lock:
            exchange.looks.add(look)
        self._watch(exchange, True)
        return look

    def _look_away(self, exchange: Exchange, look: Look) -> None:
        with exchange.lock:
            exchange.looks.discard(look)
            seen = bool(exchange.looks)
        if not seen:
            self._watch(exchange, False)

    def _watch(self, exchange: Exchange, watched: bool) -> None:
        if exchange.ticket is not None:
            self._line.watch(exchange.ticket, watched)

    @property
    def idle(self) -> bool:
        """Whether no question waits or is being answered."""
        return not self._line.length

    def stop(self, exchange: Exchange) -> None:
        """Stop a question because its reader says so."""
        exchange.by_reader = True
        if exchange.ticket is not None:
            self._line.leave(exchange.ticket)

    def _history(self, conversation: str, visitor: Visitor) -> tuple[Turn, ...]:
        try:
            return self.conversations.history(conversation, visitor.user_id, visitor.labels)
        except ConversationMissing:  # not begun yet, or deleted from another tab
            self.conversations.begin(visitor.user_id, conversation)
            return ()

    def _hear(self, exchange: Exchange, report: Report) -> None:
        """Take in what the line says; from any thread."""
        with exchange.lock:
            turn = exchange.turn
            if not turn.running:
                return
            match report:
                case Ahead(count):
                    turn = turn.queued(count)
                case Failed(Stopping()):
                    turn = turn.ended(by_reader=False)
                case Failed(error):
                    turn = turn.failed(error_key(error))
                case Ended():
                    turn = turn.ended(by_reader=exchange.by_reader)
                case event:
                    turn = turn.after(event)
            if self.audit and isinstance(report, EvidenceFound | Finished):
                self.audit.note(exchange.visitor, DOOR, shown_by(report))
            if isinstance(report, EvidenceFound | SentenceReady | Finished | Failed | Ended):
                self._keep(exchange, turn)
            exchange.turn = turn
        if not turn.running:
            self._forget(exchange)
        exchange.wake()

    def _keep(self, exchange: Exchange, turn: ShownTurn) -> None:
        progress = Progress(turn.state, turn.standalone, turn.evidence, turn.sentences, turn.answer, turn.error)
        try:
            self.conversations.keep(exchange.conversation, exchange.visitor.user_id, turn.number, progress)
        except ConversationMissing:  # deleted meanwhile: nobody can see the answer
            exchange.by_reader = True
            if exchange.ticket is not None:
                exchange.ticket.stop()
        except PathError as exc:
            log.error("An answer is shown and cannot be stored. %s", exc)

    def _forget(self, exchange: Exchange) -> None:
        with self._lock:
            if self._going.get(exchange.conversation) is exchange:
                del self._going[exchange.conversation]


def owner_of(visitor: Visitor, conversation: str) -> str:
    """By which name one asker is told from others in the line."""
    return visitor.user_id or conversation
