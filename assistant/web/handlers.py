"""What happens on the page: each handler takes what a reader did and returns what changes. The page wires them up.

Handlers run in the page's event loop. Every one of them first looks at who asks: accounts, groups and labels may have
changed since the last one. All are told what the tab remembers (`known`: the ids of its conversations, the open one
first): where the process that opened the page has ended, another one goes on with it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, ConversationMissing
from assistant.schema import Document, Language
from assistant.settings import Settings
from assistant.shelf import as_markdown, listed, rename, title_of
from assistant.web.account.desk import language_of
from assistant.web.line import Asks
from assistant.web.panes import render_header, render_rail, render_source_pane
from assistant.web.rendering import REASONS, render_conversation, render_footer, render_notice
from assistant.web.running import Look, Running
from assistant.web.session import Session
from assistant.web.texts import LANGUAGES, text
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    import gradio as gr

    from assistant.floor.pack import Readable

#: Seconds between two looks at how far the documents are, while they are being added and otherwise.
LOOK_S = 3.0
_IDLE_LOOK_S = 60.0
#: Conversations of a reader without a name that a tab may bring along.
_MOST_KNOWN = 50


class Summary:
    """What the index holds, looked at again every few seconds while it changes, else every minute."""

    def __init__(self, assistant: Asks) -> None:
        self._assistant = assistant
        self._looked_at = 0.0
        self.latest: Mapping[str, Any] = {}
        self.look()

    def look(self) -> None:
        """Look again if it is time to; one look serves all tabs."""
        changing = self.latest.get("progress") or self.latest.get("waiting")
        if time.monotonic() - self._looked_at > (LOOK_S - 1 if changing else _IDLE_LOOK_S) or not self.latest:
            self._looked_at = time.monotonic()
            self.latest = self._assistant.index_summary()


class Handlers:
    """The handlers of the page. Their outputs are those of `TALK`, `WORDS` and `RAIL`, in that order."""

    #: Names of the components that a question, a language and a list of conversations change.
    TALK = ("conversation", "notice", "send", "stop")
    WORDS = ("header", "question", "send", "stop", "sources", "footer")
    RAIL = ("conversation_id", "rail")

    def __init__(
        self,
        assistant: Asks,
        settings: Settings,
        running: Running,
        visitors: Visitors,
        index: Readable | None,
    ) -> None:
        """`index` is where documents are looked up by name; without one none is."""
        self._longest = settings.max_question_chars
        self._running = running
        self._store = running.conversations
        self._visitors = visitors
        self._index = index
        self._follow_ups = getattr(assistant, "follow_ups", None)
        self.summary = Summary(assistant)
        self._looks: dict[str, Look] = {}  # at running questions, by browser session

    # --- what is shown --------------------------------------------------------------------------------------------

    def talk(self, session: Session) -> list[Any]:
        """Updates of `TALK`."""
        import gradio as gr

        key, values = session.notice
        documents = int(self.summary.latest.get("documents", 0))

        def find(document_id: str) -> Document | None:
            found = self._index.seen_by(session.visitor.labels).document_text(document_id) if self._index else None
            return found[0] if found else None

        return [
            render_conversation(session.turns, session.language, find, documents),
            render_notice(session.language, key, **values),
            gr.update(visible=not session.running),
            gr.update(visible=session.running),
        ]

    def words(self, session: Session) -> list[Any]:
        """Updates of `WORDS`."""
        import gradio as gr

        language = session.language
        return [
            self._header(session),
            gr.update(label=text(language, "question"), placeholder=text(language, "placeholder")),
            gr.update(value=text(language, "send")),
            gr.update(value=text(language, "stop")),
            render_source_pane(language, self.summary.latest),
            render_footer(language),
        ]

    def rail(self, session: Session) -> list[Any]:
        """Updates of `RAIL`. The tab remembers the first id as the one that is open."""
        entries = listed(self._store, session.visitor.user_id, session.mine)
        known = [session.conversation, *session.mine]
        return [" ".join(known), render_rail(session.language, entries, session.conversation, session.visitor)]

    def _header(self, session: Session) -> str:
        accounts = self._visitors.accounts is not None
        return render_header(session.language, self.summary.latest, session.visitor, accounts=accounts)

    def _recognise(self, session: Session, request: gr.Request, known: str = "") -> None:
        visitor = self._visitors.of(request.cookies, request.url.scheme)
        if not self._visitors.claim(str(request.session_hash), visitor):
            raise PermissionError("this tab is another visitor's")
        session.recognise(visitor, self._running)
        if not session.opened:
            self._open(session, language_of(request.request) if request.request else "ko", known)

    def _open(self, session: Session, language: Language, known: str) -> None:
        conversation, *mine = known.split(" ")
        session.mine = [name for name in mine if name][:_MOST_KNOWN]
        session.resume(self._running, conversation)
        session.language, session.opened = language, True

    # --- opening the page ---------------------------------------------------------------------------------------------

    async def open_page(self, session: Session, language: Language, known: str, request: gr.Request) -> list[Any]:
        """Greet a reader, with the turns of the conversation that the tab remembers; `known`: ids, that one first."""
        session.opened = True
        self._recognise(session, request)
        self._open(session, language if language in LANGUAGES else "ko", known)
        return self.words(session) + self.talk(session) + self.rail(session)

    async def speak(self, session: Session, language: Language, request: gr.Request, known: str = "") -> list[Any]:
        """Say everything in another language."""
        self._recognise(session, request, known)
        session.language = language if language in LANGUAGES else "ko"
        return self.words(session) + self.talk(session) + self.rail(session)

    async def look_again(self, session: Session, request: gr.Request, known: str = "") -> str:
        """The header while documents are being added."""
        if not session.opened:
            self._recognise(session, request, known)
        await asyncio.to_thread(self.summary.look)
        return self._header(session)

    # --- a question ---------------------------------------------------------------------------------------------------

    async def begin(self, session: Session, question: str, request: gr.Request, known: str = "") -> list[Any]:
        """Take the question in. What is typed while another one runs stays in the box."""
        import gradio as gr

        self._recognise(session, request, known)
        if session.running:
            return [gr.skip()] * (1 + len(self.TALK) + len(self.RAIL))
        taken = await session.take(question, self._running, self._longest)
        if taken and session.conversation not in session.mine and not session.visitor.signed_in:
            session.mine.insert(0, session.conversation)
        return ["" if taken else gr.skip(), *self.rail(session), *self.talk(session)]

    async def follow(self, session: Session, request: gr.Request, known: str = "") -> AsyncIterator[list[Any]]:
        """Show the question that is being answered until it ends; also one that was asked before a reload."""
        import gradio as gr

        self._recognise(session, request, known)
        exchange, tab = session.exchange, str(request.session_hash)
        if exchange is None or session.look is not None:
            yield [gr.skip()] * len(self.TALK)
            return
        session.look = self._looks[tab] = look = self._running.look(exchange)
        try:
            async for turn in look.turns():
                self._recognise(session, request)  # who is shut out meanwhile sees nothing more
                if session.look is look:
                    session.show(turn)
                yield self.talk(session)
        finally:
            look.close()
            self._looks.pop(tab, None)
            if session.look is look:
                session.look = None
                session.exchange = exchange if exchange.turn.running else None
        if await self._look_further(session):
            yield self.talk(session)

    async def _look_further(self, session: Session) -> bool:
        """Find what the documents also answer, while nobody waits; True when something was found."""
        newest, labels = session.turns[-1] if session.turns else None, session.visitor.labels
        answer = newest.answer if newest else None
        if self._follow_ups is None or newest is None or answer is None or not self._running.idle:
            return False
        if answer.status not in ("answered", "evidence_only", "computed"):
            return False
        try:
            found = await asyncio.to_thread(self._follow_ups, answer, labels=labels)
        except AssistantError:  # such as: the server is being stopped
            return False
        if not found or session.visitor.labels != labels or session.turns[-1:] != [newest]:
            return False
        session.show(replace(newest, next=found))
        return True

    async def stop(self, session: Session, request: gr.Request, known: str = "") -> None:
        """Stop the question that runs."""
        self._recognise(session, request, known)
        if session.exchange is not None:
            await asyncio.to_thread(self._running.stop, session.exchange)

    async def close_tab(self, request: gr.Request) -> None:
        """A reader who left waits for nothing: others go first, and a reload finds the answer."""
        if look := self._looks.pop(str(request.session_hash), None):
            look.close()

    # --- conversations ------------------------------------------------------------------------------------------------

    async def clear(self, session: Session, request: gr.Request, known: str = "") -> list[Any]:
        """Begin anew; the conversation stays in the list, and what runs in it goes on."""
        self._recognise(session, request, known)
        session.leave()
        return self.talk(session) + self.rail(session)

    async def open_conversation(
        self, session: Session, conversation: str, request: gr.Request, known: str = ""
    ) -> list[Any]:
        """Go on with an earlier conversation of this reader."""
        self._recognise(session, request, known)
        if conversation != session.conversation and self._is_known(session, conversation):
            session.leave()
            session.resume(self._running, conversation)
        return self.talk(session) + self.rail(session)

    async def delete(self, session: Session, conversation: str, request: gr.Request, known: str = "") -> list[Any]:
        """Delete a conversation; what is open stays open unless it is that one."""
        self._recognise(session, request, known)
        if conversation == session.conversation:
            if session.exchange is not None:
                await asyncio.to_thread(self._running.stop, session.exchange)
            session.delete(self._running)
        elif self._is_known(session, conversation):
            with suppress(ConversationMissing):  # already gone
                self._store.delete(conversation, session.visitor.user_id)
        session.mine = [name for name in session.mine if name != conversation]
        return self.talk(session) + self.rail(session)

    async def rename(self, session: Session, said: str, request: gr.Request, known: str = "") -> list[Any]:
        """Give a conversation another name. `said`: JSON of `id` and `title`."""
        self._recognise(session, request, known)
        wanted = _object(said)
        if self._is_known(session, wanted.get("id", "")):
            with suppress(ConversationMissing):
                rename(self._store, wanted["id"], session.visitor.user_id, wanted.get("title", ""))
        return self.rail(session)

    async def export(self, session: Session, conversation: str, request: gr.Request, known: str = "") -> str:
        """A conversation as Markdown; empty for one that is not this reader's."""
        self._recognise(session, request, known)
        visitor = session.visitor
        if not self._is_known(session, conversation):
            return ""
        try:
            turns = self._store.turns(conversation, visitor.user_id, visitor.labels)
        except ConversationMissing:
            return ""
        return as_markdown(title_of(self._store, conversation, visitor.user_id), turns)

    def _is_known(self, session: Session, conversation: str) -> bool:
        """A signed-in reader's own are found by the name; others by what the tab brought along."""
        known = session.visitor.signed_in or conversation in (session.conversation, *session.mine)
        return bool(conversation) and known

    # --- opinions -----------------------------------------------------------------------------------------------------

    async def rate(self, session: Session, said: str, request: gr.Request, known: str = "") -> list[Any]:
        """Store what a reader thinks of an answer. `said`: JSON of `turn`, `rating` and perhaps `reason` and `note`."""
        self._recognise(session, request, known)
        wanted = _object(said)
        reason = wanted.get("reason", "")
        if wanted.get("rating") in ("", "up", "down") and reason in ("", "reason_none", "reason_missing", *REASONS):
            session.rate(self._running, wanted["rating"], str(wanted.get("note", "")), reason, wanted.get("turn"))
        return self.talk(session)


def _object(said: str) -> dict[str, Any]:
    """What the page's script said; nothing where it makes no sense."""
    try:
        value = json.loads(said)
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    return {name: each for name, each in value.items() if isinstance(each, str | int)}
