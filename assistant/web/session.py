"""What one browser session holds, and how it keeps its conversation. Knows nothing of Gradio or HTML."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.conversations import Rating, new_name
from assistant.errors import AssistantError, ConversationMissing
from assistant.schema import Language
from assistant.web.running import DOOR, Exchange, Look, Running
from assistant.web.texts import error_key
from assistant.web.turns import ShownTurn


@dataclass
class Session:
    """One reader's page. Handlers change it in place; they all run in the page's event loop.

    `conversation` is the id of the stored conversation, or the one that it gets with its first question. `exchange` is
    the question that is being answered, asked here or in another tab of the same conversation; `look` follows it.
    `mine`: the conversations that a tab of a reader without a name remembers, newest first. `opened`: it knows what the
    tab remembers.
    """

    language: Language = "ko"
    turns: list[ShownTurn] = field(default_factory=list)
    exchange: Exchange | None = None
    look: Look | None = None
    taking: bool = False
    notice: tuple[str, dict[str, object]] = ("", {})
    visitor: Visitor = ANYONE
    conversation: str = ""
    mine: list[str] = field(default_factory=list)
    opened: bool = False

    @property
    def running(self) -> bool:
        """Whether a question of this conversation waits or is being answered."""
        return self.taking or (self.exchange is not None and self.exchange.turn.running)

    def recognise(self, visitor: Visitor, running: Running) -> None:
        """Note who asks now. What another user saw, or what the labels no longer admit, is gone at once."""
        before, self.visitor = self.visitor, visitor
        if (before.user_id, before.labels) == (visitor.user_id, visitor.labels):
            return
        if self.exchange is not None:
            running.stop(self.exchange)
        known = self.conversation if before.user_id == visitor.user_id else ""
        self.leave()
        self.resume(running, known)

    async def take(self, question: str, running: Running, longest: int) -> bool:
        """Have `question` stored and answered, or set the notice that says what is wrong with it."""
        question = (question or "").strip()
        if not question:
            self.notice = ("error_empty", {})
        elif len(question) > longest:
            self.notice = ("error_too_long", {"length": len(question), "limit": longest})
        else:
            return await self._begin(question, running)
        return False

    async def _begin(self, question: str, running: Running) -> bool:
        self.conversation = self.conversation or new_name()
        self.taking = True
        conversation, visitor = self.conversation, self.visitor
        try:
            await asyncio.to_thread(running.begin, question, visitor, conversation)
            taken, self.notice = True, ("", {})
        except AssistantError as exc:  # such as: another tab has asked
            taken, self.notice = False, (error_key(exc), {})
        finally:
            self.taking = False
        if (conversation, visitor) == (self.conversation, self.visitor):  # the reader is still the same
            self.refresh(running)
        return taken

    def refresh(self, running: Running) -> None:
        """Show the conversation as it is stored, with the question that is being answered as far as it has come."""
        self.exchange = running.of(self.conversation, self.visitor)
        try:
            kept = running.conversations.turns(self.conversation, self.visitor.user_id, self.visitor.labels)
        except ConversationMissing:
            self.turns, self.exchange = [], None
            return
        self.turns = [ShownTurn.of(turn) for turn in kept]
        if self.exchange is not None:
            self.show(self.exchange.turn)

    def show(self, turn: ShownTurn) -> None:
        """Show `turn` in the place of what was shown of it before; its number is the newest."""
        if turn.number:
            self.turns = [*(shown for shown in self.turns if shown.number != turn.number), turn]

    def resume(self, running: Running, conversation: str) -> None:
        """Show the turns of a stored conversation of this user; an unknown id shows none, and is not used.

        Does nothing while a question is shown or being stored.
        """
        if self.turns or self.taking:
            return
        if conversation:
            self.conversation = conversation
            self.refresh(running)
            if running.audit:
                running.audit.note(self.visitor, DOOR, [one for turn in self.turns for one in turn.sources])
        if not self.turns and self.exchange is None:
            self.leave()

    def rate(
        self, running: Running, rating: Rating, note: str = "", reason: str = "", number: int | None = None
    ) -> None:
        """Store what the reader thinks of the answer `number`, or of the newest."""
        number = number or (self.turns[-1].number if self.turns else 0)
        turn = next((each for each in self.turns if each.number == number and each.stage == "finished"), None)
        if turn is None:
            return
        try:
            running.conversations.rate(self.conversation, self.visitor.user_id, number, rating, note, reason)
        except ConversationMissing:
            return
        rated = replace(turn, rating=rating, reason=reason)
        self.turns = [rated if each.number == number else each for each in self.turns]

    def leave(self) -> None:
        """Begin anew, under a new id; the conversation stays stored."""
        if self.look is not None:
            self.look.close()
        self.turns, self.notice, self.exchange, self.look, self.conversation = [], ("", {}), None, None, new_name()

    def delete(self, running: Running) -> None:
        """Delete the stored conversation and begin anew."""
        with suppress(ConversationMissing):  # already gone, or never begun
            running.conversations.delete(self.conversation, self.visitor.user_id)
        self.leave()
        self.notice = ("deleted", {})
