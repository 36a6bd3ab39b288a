"""The Gradio page: components, and what happens when a reader asks, stops, switches language or starts over.

The page holds no knowledge of answers: it turns the assistant's events into turns and turns into HTML. One
browser session has one `Session`; nothing of it is written to disk.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.schema import Language
from assistant.settings import Settings
from assistant.web.line import Ahead, Asks, Ended, Failed, Line, Ticket
from assistant.web.rendering import (
    render_conversation,
    render_examples_title,
    render_footer,
    render_header,
    render_notice,
)
from assistant.web.texts import EXAMPLES, LANGUAGE_NAMES, LANGUAGES, PAGE_TITLE, error_key, text
from assistant.web.turns import Turn

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

#: The reader's last choice, else the first of the browser's languages that we speak, else Korean.
_CHOOSE_LANGUAGE = """(session, language) => {
  const wanted = [localStorage.getItem("assistant-language"), ...navigator.languages.map((l) => l.slice(0, 2))];
  const chosen = wanted.find((l) => l === "ko" || l === "en") || "ko";
  document.documentElement.lang = chosen;
  return [session, chosen];
}"""
_KEEP_LANGUAGE = """(session, language) => {
  localStorage.setItem("assistant-language", language);
  document.documentElement.lang = language;
  return [session, language];
}"""
_SHOW_NEWEST = """() => { requestAnimationFrame(() => {
  [...document.querySelectorAll(".turn")].at(-1)?.scrollIntoView({block: "start"});
}); }"""


@dataclass
class Session:
    """What one browser session holds. Handlers change it in place; they all run in the page's event loop."""

    language: Language = "ko"
    turns: list[Turn] = field(default_factory=list)
    count: int = 0
    ticket: Ticket | None = None
    followed: bool = True
    notice: tuple[str, dict[str, object]] = ("", {})

    @property
    def running(self) -> bool:
        """Whether a question of this session waits or is being answered."""
        return bool(self.turns) and self.turns[-1].running

    def take(self, question: str, line: Line, longest: int) -> bool:
        """Put `question` into the line, or set the notice that says what is wrong with it."""
        question = question.strip()
        if not question:
            self.notice = ("error_empty", {})
        elif len(question) > longest:
            self.notice = ("error_too_long", {"length": len(question), "limit": longest})
        else:
            self.notice = ("", {})
            self.count += 1
            self.turns.append(Turn(number=self.count, question=question))
            self.ticket, self.followed = line.join(question), False
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


def build_page(assistant: Asks, settings: Settings, line: Line | None = None) -> gr.Blocks:
    """The page that asks `assistant`, one question at a time through `line` (its own when None)."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    import gradio as gr

    waiting_line = line or Line(assistant)
    summary = assistant.index_summary()
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
        ]

    def words(language: Language) -> list[Any]:
        """Updates of what a language changes, in the order of `word_parts`."""
        return [
            gr.update(value=language, label=text(language, "language")),
            render_header(language, summary),
            gr.update(label=text(language, "question"), placeholder=text(language, "placeholder")),
            *(text(language, key) for key in ("send", "stop", "clear")),
            render_examples_title(language),
            *EXAMPLES[language],
            render_footer(language),
        ]

    async def speak(session: Session, language: Language) -> list[Any]:
        session.language = language if language in LANGUAGES else "ko"
        return words(session.language) + talk(session)

    async def begin(session: Session, question: str) -> list[Any]:
        """Take the question in. What is typed while another one runs stays in the box."""
        if session.running:
            return [gr.skip()] * (1 + len(talk_parts))
        taken = session.take(question, waiting_line, settings.max_question_chars)
        return ["" if taken else gr.skip(), *talk(session)]

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

    for handler in (follow, close_tab):  # gradio knows the request by its type, which must not be a string
        handler.__annotations__["request"] = gr.Request

    async def clear(session: Session) -> list[Any]:
        if not session.running:
            session.turns, session.notice = [], ("", {})
        return talk(session)

    with gr.Blocks(title=PAGE_TITLE, analytics_enabled=False) as page:
        session = gr.State(start)
        with gr.Row(elem_id="top"):
            header = gr.HTML(render_header(start.language, summary), apply_default_css=False)
            language = gr.Radio(
                [(LANGUAGE_NAMES[one], one) for one in LANGUAGES],
                value=start.language,
                label=text(start.language, "language"),
                show_label=False,
                container=False,
                elem_id="language",
            )
        conversation = gr.HTML(render_conversation([], start.language), elem_id="conversation", apply_default_css=False)
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
            with gr.Row(elem_id="foot"):
                footer = gr.HTML(render_footer(start.language), elem_id="footer", apply_default_css=False)
                clear_button = gr.Button(text(start.language, "clear"), elem_id="clear", visible=False)

        talk_parts = [conversation, notice, send_button, stop_button, examples, clear_button]
        word_parts = [language, header, question, send_button, stop_button, clear_button]
        word_parts += [examples_title, *example_buttons, footer]

        for triggers, asked in [
            ([send_button.click, question.submit], question),
            *(([button.click], button) for button in example_buttons),
        ]:
            gr.on(triggers, begin, [session, asked], [question, *talk_parts], queue=False, **private).then(
                None, js=_SHOW_NEWEST
            ).then(follow, [session], talk_parts, concurrency_limit=None, **private)
        stop_button.click(stop, [session], None, queue=False, **private)
        clear_button.click(clear, [session], talk_parts, queue=False, **private)
        language.input(speak, [session, language], word_parts + talk_parts, queue=False, js=_KEEP_LANGUAGE, **private)
        page.unload(close_tab)
        page.load(speak, [session, language], word_parts + talk_parts, queue=False, js=_CHOOSE_LANGUAGE, **private)
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
