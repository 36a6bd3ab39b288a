"""The Gradio page: components, and what happens when a reader asks, stops, rates, switches language or starts over.

The page holds no knowledge of answers: it turns the assistant's events into turns and turns into HTML. One
browser session has one `Session`. The browser's tab keeps the id of its conversation, so that a reload shows it again.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.access import labels_of
from assistant.conversations import NOTE_CHARS, Conversations
from assistant.schema import Language
from assistant.settings import Settings
from assistant.web.line import Asks, Line, Ticket
from assistant.web.rendering import (
    render_conversation,
    render_examples_title,
    render_footer,
    render_header,
    render_notice,
    render_rating,
)
from assistant.web.session import Session
from assistant.web.texts import EXAMPLES, LANGUAGE_NAMES, LANGUAGES, PAGE_TITLE, text

if TYPE_CHECKING:
    import gradio as gr

#: Fonts of the reader's own system, Korean ones first: nothing is fetched from another host.
FONTS = (
    "Pretendard",
    "Apple SD Gothic Neo",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Malgun Gothic",
    "NanumGothic",
    "system-ui",
    "sans-serif",
)
MONO_FONTS = ("ui-monospace", "Menlo", "Consolas", "monospace")

#: Seconds between two looks at how far the documents are, while they are being added and otherwise.
_LOOK_S = 3.0
_IDLE_LOOK_S = 60.0

#: The reader's last choice, else the first of the browser's languages that we speak, else Korean.
_OPEN = """(session, language, conversation) => {
  const wanted = [localStorage.getItem("assistant-language"), ...navigator.languages.map((l) => l.slice(0, 2))];
  const chosen = wanted.find((l) => l === "ko" || l === "en") || "ko";
  document.documentElement.lang = chosen;
  return [session, chosen, sessionStorage.getItem("assistant-conversation") ?? ""];
}"""
#: The tab's own store: it outlives a reload, and no other tab or later reader of the browser gets it.
_KEEP_CONVERSATION = """(conversation) => {
  sessionStorage.setItem("assistant-conversation", conversation);
  return [conversation];
}"""
_KEEP_LANGUAGE = """(session, language) => {
  localStorage.setItem("assistant-language", language);
  document.documentElement.lang = language;
  return [session, language];
}"""
_SHOW_NEWEST = """() => { requestAnimationFrame(() => {
  [...document.querySelectorAll(".turn")].at(-1)?.scrollIntoView({block: "start"});
}); }"""


class _Summary:
    """What the index holds, looked at again every few seconds while it changes, else every minute."""

    def __init__(self, assistant: Asks) -> None:
        self._assistant = assistant
        self._looked_at = 0.0
        self.latest: Mapping[str, Any] = {}
        self.look()

    def look(self) -> None:
        """Look again if it is time to; one look serves all tabs."""
        changing = self.latest.get("progress") or self.latest.get("waiting")
        if time.monotonic() - self._looked_at > (_LOOK_S - 1 if changing else _IDLE_LOOK_S) or not self.latest:
            self._looked_at = time.monotonic()
            self.latest = self._assistant.index_summary()


def build_page(
    assistant: Asks, settings: Settings, line: Line | None = None, conversations: Conversations | None = None
) -> gr.Blocks:
    """The page that asks `assistant`, one question at a time through `line` (its own when None).

    Turns are kept in `conversations` (the store that the settings name when None).
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    import gradio as gr

    waiting_line = line or Line(assistant)
    store = conversations or Conversations(
        settings.conversations, max_turns=settings.conversation_turns, max_chars=settings.conversation_chars
    )
    summary = _Summary(assistant)
    start = Session()
    tickets: dict[str, Ticket] = {}  # of running questions, by browser session
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def talk(session: Session) -> list[Any]:
        """Updates of what a question changes, in the order of `talk_parts`."""
        key, values = session.notice
        return [
            render_conversation(session.turns, session.language),
            render_notice(session.language, key, **values),
            gr.update(visible=not session.running),
            gr.update(visible=session.running),
            gr.update(visible=not session.turns),
            gr.update(visible=bool(session.turns) and not session.running),
            *rated(session),
        ]

    def rated(session: Session) -> list[Any]:
        """Updates of what a rating changes, in the order of `rating_parts`."""
        turn = session.turns[-1] if session.turns else None
        rating = turn.rating if turn else ""
        return [
            gr.update(visible=turn is not None and turn.kept > 0 and not session.running),
            render_rating(session.language, rating),
            gr.update(variant="primary" if rating == "up" else "secondary"),
            gr.update(variant="primary" if rating == "down" else "secondary"),
            gr.update(visible=bool(rating)),
        ]

    def words(language: Language) -> list[Any]:
        """Updates of what a language changes, in the order of `word_parts`."""
        return [
            gr.update(value=language, label=text(language, "language")),
            render_header(language, summary.latest),
            gr.update(label=text(language, "question"), placeholder=text(language, "placeholder")),
            *(text(language, key) for key in ("send", "stop", "clear", "delete", "rate_up", "rate_down", "note_send")),
            gr.update(label=text(language, "note"), placeholder=text(language, "note_placeholder")),
            render_examples_title(language),
            *EXAMPLES[language],
            render_footer(language),
        ]

    async def look_again(session: Session) -> str:
        """The header while documents are being added."""
        await asyncio.to_thread(summary.look)
        return render_header(session.language, summary.latest)

    async def speak(session: Session, language: Language) -> list[Any]:
        session.language = language if language in LANGUAGES else "ko"
        return words(session.language) + talk(session)

    async def open_page(session: Session, language: Language, known: str, request: gr.Request) -> list[Any]:
        """Greet a reader, with the turns of the conversation that the tab remembers."""
        recognise(session, request)
        session.resume(store, known)
        return [*await speak(session, language), session.conversation]

    def recognise(session: Session, request: gr.Request) -> None:
        session.user = getattr(request, "username", None) or ""
        session.labels = labels_of(session.user or None, settings.access_file)

    async def begin(session: Session, question: str, request: gr.Request) -> list[Any]:
        """Take the question in. What is typed while another one runs stays in the box."""
        if session.running:
            return [gr.skip()] * (2 + len(talk_parts))
        recognise(session, request)
        taken = session.take(question, waiting_line, settings.max_question_chars, store)
        return ["" if taken else gr.skip(), session.conversation, *talk(session)]

    async def follow(session: Session, request: gr.Request) -> AsyncIterator[list[Any]]:
        """Show the question until it ends."""
        ticket = session.ticket
        if ticket is None or session.followed:
            yield [gr.skip()] * len(talk_parts)
            return
        session.followed = True
        tickets[str(request.session_hash)] = ticket
        try:
            while session.running:
                await session.advance(ticket)
                if not session.running:
                    session.keep(store)
                yield talk(session)
        finally:
            tickets.pop(str(request.session_hash), None)
            waiting_line.leave(ticket)
            session.turns[-1] = session.turns[-1].stopped()

    async def stop(session: Session) -> None:
        if session.ticket is not None:
            waiting_line.leave(session.ticket)

    async def close_tab(request: gr.Request) -> None:
        """A reader who left waits for nothing: free the line."""
        if ticket := tickets.get(str(request.session_hash)):
            waiting_line.leave(ticket)

    for handler in (
        open_page,
        begin,
        follow,
        close_tab,
    ):  # gradio knows the request by its type, which must not be a string
        handler.__annotations__["request"] = gr.Request

    async def clear(session: Session) -> list[Any]:
        if not session.running:
            session.leave()
        return [session.conversation, *talk(session)]

    async def delete(session: Session) -> list[Any]:
        if not session.running:
            session.delete(store)
        return [session.conversation, *talk(session)]

    async def rate_up(session: Session) -> list[Any]:
        session.rate(store, "up")
        return rated(session)

    async def rate_down(session: Session) -> list[Any]:
        session.rate(store, "down")
        return rated(session)

    async def add_note(session: Session, said: str) -> list[Any]:
        if session.turns:
            session.rate(store, session.turns[-1].rating, said)
        return ["", *rated(session)]

    with gr.Blocks(title=PAGE_TITLE, analytics_enabled=False) as page:
        session = gr.State(start)
        conversation_id = gr.Textbox("", visible=False)
        with gr.Row(elem_id="top"):
            header = gr.HTML(render_header(start.language, summary.latest), apply_default_css=False)
            language = gr.Radio(
                [(LANGUAGE_NAMES[one], one) for one in LANGUAGES],
                value=start.language,
                label=text(start.language, "language"),
                show_label=False,
                container=False,
                elem_id="language",
            )
        conversation = gr.HTML(render_conversation([], start.language), elem_id="conversation", apply_default_css=False)
        with gr.Row(elem_id="rating", visible=False) as rating_row:
            rating_title = gr.HTML(render_rating(start.language, ""), elem_id="rating-title", apply_default_css=False)
            up_button = gr.Button(text(start.language, "rate_up"), elem_id="rate-up", size="sm")
            down_button = gr.Button(text(start.language, "rate_down"), elem_id="rate-down", size="sm")
            with gr.Row(elem_id="rating-note", visible=False) as note_row:
                note = gr.Textbox(
                    label=text(start.language, "note"),
                    placeholder=text(start.language, "note_placeholder"),
                    show_label=False,
                    container=False,
                    max_length=NOTE_CHARS,
                    elem_id="note",
                )
                note_button = gr.Button(text(start.language, "note_send"), elem_id="note-send", size="sm")
        with gr.Row(elem_id="conversation-buttons", visible=False) as conversation_buttons:
            clear_button = gr.Button(text(start.language, "clear"), elem_id="clear")
            delete_button = gr.Button(text(start.language, "delete"), elem_id="delete")
        with gr.Column(elem_id="examples") as examples:
            examples_title = gr.HTML(render_examples_title(start.language), apply_default_css=False)
            example_buttons = [gr.Button(one, elem_classes="example", size="lg") for one in EXAMPLES[start.language]]
        with gr.Column(elem_id="composer"):
            notice = gr.HTML("", elem_id="notice", apply_default_css=False)
            with gr.Row(elem_id="question-row"):
                question = gr.Textbox(
                    label=text(start.language, "question"),
                    placeholder=text(start.language, "placeholder"),
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    elem_id="question",
                )
                send_button = gr.Button(text(start.language, "send"), variant="primary", elem_id="send")
                stop_button = gr.Button(text(start.language, "stop"), variant="stop", elem_id="stop", visible=False)
            footer = gr.HTML(render_footer(start.language), elem_id="footer", apply_default_css=False)

        rating_parts = [rating_row, rating_title, up_button, down_button, note_row]
        talk_parts = [conversation, notice, send_button, stop_button, examples, conversation_buttons, *rating_parts]
        word_parts = [language, header, question, send_button, stop_button, clear_button, delete_button, up_button]
        word_parts += [down_button, note_button, note, examples_title, *example_buttons, footer]
        remember: dict[str, Any] = {"fn": None, "inputs": [conversation_id], "js": _KEEP_CONVERSATION}

        for triggers, asked in [
            ([send_button.click, question.submit], question),
            *(([button.click], button) for button in example_buttons),
        ]:
            gr.on(
                triggers, begin, [session, asked], [question, conversation_id, *talk_parts], queue=False, **private
            ).then(**remember).then(None, js=_SHOW_NEWEST).then(
                follow, [session], talk_parts, concurrency_limit=None, **private
            )
        stop_button.click(stop, [session], None, queue=False, **private)
        for button, done in ((clear_button, clear), (delete_button, delete)):
            button.click(done, [session], [conversation_id, *talk_parts], queue=False, **private).then(**remember)
        for button, rate in ((up_button, rate_up), (down_button, rate_down)):
            button.click(rate, [session], rating_parts, queue=False, **private)
        gr.on(
            [note_button.click, note.submit], add_note, [session, note], [note, *rating_parts], queue=False, **private
        )
        language.input(speak, [session, language], word_parts + talk_parts, queue=False, js=_KEEP_LANGUAGE, **private)
        gr.Timer(_LOOK_S).tick(look_again, [session], [header], **private)
        page.unload(close_tab)
        page.load(
            open_page,
            [session, language, conversation_id],
            [*word_parts, *talk_parts, conversation_id],
            queue=False,
            js=_OPEN,
            **private,
        ).then(None, js=_SHOW_NEWEST)
    return page


def mount_options() -> dict[str, Any]:
    """What gradio needs so that the page looks as it should, keeps nothing and talks to no other host."""
    from gradio.themes import Base, Font

    theme = Base(
        primary_hue="teal",
        neutral_hue="slate",
        font=[Font(name) for name in FONTS],
        font_mono=[Font(name) for name in MONO_FONTS],
    )
    return {
        "theme": theme,
        "css_paths": Path(__file__).with_name("style.css"),
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "show_error": False,
    }
