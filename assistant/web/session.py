"""What one browser session holds, and how it keeps its conversation. Knows nothing of Gradio or HTML."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from assistant.conversations import Conversations, Rating
from assistant.errors import ConversationMissing
from assistant.schema import Language, Turn
from assistant.web.line import Ahead, Ended, Failed, Line, Ticket
from assistant.web.texts import error_key
from assistant.web.turns import ShownTurn


@dataclass
class Session:
    """One reader's page. Handlers change it in place; they all run in the page's event loop.

    `conversation` is the id of the stored conversation, '' before the first question.
    """

    language: Language = "ko"
    turns: list[ShownTurn] = field(default_factory=list)
    count: int = 0
    ticket: Ticket | None = None
    followed: bool = True
    notice: tuple[str, dict[str, object]] = ("", {})
    user: str = ""
    labels: frozenset[str] = frozenset()
    conversation: str = ""

    @property
    def running(self) -> bool:
        """Whether a question of this session waits or is being answered."""
        return bool(self.turns) and self.turns[-1].running

    def take(self, question: str, line: Line, longest: int, conversations: Conversations) -> bool:
        """Put `question` into the line, or set the notice that says what is wrong with it."""
        question = question.strip()
        if not question:
            self.notice = ("error_empty", {})
        elif len(question) > longest:
            self.notice = ("error_too_long", {"length": len(question), "limit": longest})
        else:
            history = self._history(conversations)
            self.notice = ("", {})
            self.count += 1
            self.turns.append(ShownTurn(number=self.count, question=question))
            self.ticket, self.followed = line.join(question, self.labels, history), False
            return True
        return False

    async def advance(self, ticket: Ticket) -> None:
        """Bring the running turn up to the next report."""
        report, turn = await ticket.next(), self.turns[-1]
        match report:
            case Ahead(count):
                turn = turn.queued(count)
            case Failed(error):
                turn = turn.failed(error_key(error))
            case Ended():
                turn = turn.stopped()
            case event:
                turn = turn.after(event)
        self.turns[-1] = turn

    # --- the stored conversation ------------------------------------------------------------------------------

    def resume(self, conversations: Conversations, conversation: str) -> None:
        """Show the turns of a stored conversation of this user; an unknown id shows none."""
        if not conversation or self.turns:
            return
        try:
            kept = conversations.turns(conversation, self.user, self.labels)
        except ConversationMissing:
            return
        self.conversation = conversation
        self.turns = [ShownTurn.of(turn, number) for number, turn in enumerate(kept, start=1)]
        self.count = len(self.turns)

    def keep(self, conversations: Conversations) -> None:
        """Store the newest turn if it was answered; what was stopped or failed is not kept."""
        turn = self.turns[-1]
        if turn.answer is None or turn.kept:
            return
        try:
            number = conversations.add(
                self.conversation,
                self.user,
                turn.question,
                turn.answer,
                shown=turn.evidence,
                standalone=turn.standalone,
            )
        except ConversationMissing:  # deleted from another tab
            return
        self.turns[-1] = replace(turn, kept=number)

    def rate(self, conversations: Conversations, rating: Rating, note: str = "") -> None:
        """Store what the reader thinks of the newest answer."""
        turn = self.turns[-1] if self.turns else None
        if turn is None or not turn.kept:
            return
        try:
            conversations.rate(self.conversation, self.user, turn.kept, rating, note)
        except ConversationMissing:
            return
        self.turns[-1] = replace(turn, rating=rating)

    def leave(self) -> None:
        """Begin anew; the conversation stays stored."""
        self.turns, self.notice, self.conversation = [], ("", {}), ""

    def delete(self, conversations: Conversations) -> None:
        """Delete the stored conversation and begin anew."""
        with suppress(ConversationMissing):  # already gone
            conversations.delete(self.conversation, self.user)
        self.leave()
        self.notice = ("deleted", {})

    def _history(self, conversations: Conversations) -> tuple[Turn, ...]:
        try:
            return conversations.history(self.conversation, self.user, self.labels)
        except ConversationMissing:
            self.conversation = conversations.begin(self.user)
            return ()
