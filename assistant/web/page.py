"""The chat page in Gradio: its components, and which of them call and follow from which handler.

What is shown is rendered by `rendering.py` and `panes.py`, what happens is in `handlers.py`. Buttons inside rendered
HTML speak through boxes that nobody sees, one for each thing that can be done: the page's script fills them in.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from assistant.audit import open_audit
from assistant.conversations import Conversations, open_conversations
from assistant.settings import Settings
from assistant.web.handlers import LOOK_S, Handlers
from assistant.web.line import Asks, Line
from assistant.web.panes import render_header, render_rail, render_source_pane
from assistant.web.rendering import render_conversation, render_footer, render_notice
from assistant.web.session import Session
from assistant.web.sharing import open_running
from assistant.web.texts import PAGE_TITLE, text
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    import gradio as gr

#: Fonts of the reader's own system, Korean ones first: nothing is fetched from another host.
FONTS = ("Pretendard", "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", "NanumGothic",
         "system-ui", "sans-serif")  # fmt: skip
MONO_FONTS = ("ui-monospace", "Menlo", "Consolas", "monospace")

#: What the buttons inside rendered HTML say, by the box that they say it through: the handler, and what it changes.
SAID = {
    "speak": ("speak", ("WORDS", "TALK", "RAIL")),
    "clear": ("clear", ("TALK", "RAIL")),
    "open": ("open_conversation", ("TALK", "RAIL")),
    "delete": ("delete", ("TALK", "RAIL")),
    "rename": ("rename", ("RAIL",)),
    "rate": ("rate", ("TALK",)),
}

#: The reader's last choice, else the first of the browser's languages that we speak, else Korean. The ids of the
#: conversations are in the tab's own store: it outlives a reload, and no other tab or later reader of the browser gets
#: it.
_OPEN = """(session, language, known) => {
  const kept = document.cookie.match(/(?:^|; )assistant-language=(\\w+)/);
  const wanted = [kept && kept[1], ...navigator.languages.map((l) => l.slice(0, 2))];
  const chosen = wanted.find((l) => l === "ko" || l === "en") || "ko";
  document.documentElement.lang = chosen;
  return [session, chosen, sessionStorage.getItem("assistant-conversations") ?? ""];
}"""
_KEEP_CONVERSATIONS = """(known) => {
  sessionStorage.setItem("assistant-conversations", known);
  return [known];
}"""
_SHOW_NEWEST = "() => { window.alliance?.showNewest(); }"
#: What is done before the server has opened the page waits for that: it would reach a session that knows nothing yet.
_ONCE_OPEN = """async (...said) => {
  if (!window.opened) {
    document.documentElement.classList.add("held");
    await new Promise((open) => addEventListener("opened", open, { once: true }));
  }
  return said;
}"""
#: The same for the question, which is sent as it stands in the box then.
_ASK_ONCE_OPEN = _ONCE_OPEN.replace(
    "return said;", 'return [said[0], document.querySelector("#question textarea")?.value ?? said[1], said[2]];'
)
_OPENED = """() => {
  window.opened = true;
  document.documentElement.classList.remove("held");
  dispatchEvent(new Event("opened"));
}"""
_SAVE = "(markdown) => { window.alliance?.save(markdown); return [markdown]; }"


def build_page(
    assistant: Asks,
    settings: Settings,
    line: Line | None = None,
    conversations: Conversations | None = None,
    visitors: Visitors | None = None,
) -> gr.Blocks:
    """The page that asks `assistant` through `line` (its own when None).

    Turns are kept in `conversations` (the store that the settings name when None). `visitors` tells who asks; without
    it everyone is anyone.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    import gradio as gr

    store = conversations or open_conversations(settings)
    running = open_running(settings, line or Line(assistant), store, open_audit(settings))
    handlers = Handlers(assistant, settings, running, visitors or Visitors(), getattr(assistant, "index", None))
    for handler in vars(Handlers).values():
        if "request" in getattr(handler, "__annotations__", {}):
            # gradio knows the request by its type, which must not be a string
            handler.__annotations__["request"] = gr.Request
    with gr.Blocks(title=PAGE_TITLE, analytics_enabled=False) as page:
        parts = _components(handlers)
        _wire(page, parts, handlers)
    return page


def _components(handlers: Handlers) -> dict[str, Any]:
    """The page's parts by name: a head, and below it conversations, talk and sources side by side."""
    import gradio as gr

    start, summary = Session(), handlers.summary.latest
    documents = int(summary.get("documents", 0))
    language = start.language

    def html(value: str, name: str) -> gr.HTML:
        return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)

    parts: dict[str, Any] = {"session": gr.State(start)}
    parts["header"] = html(render_header(language, summary), "header")
    with gr.Row(elem_id="app"):
        parts["rail"] = html(render_rail(language, (), ""), "rail")
        with gr.Column(elem_id="talk"):
            parts["conversation"] = html(render_conversation([], language, documents=documents), "conversation")
            with gr.Column(elem_id="composer"):
                parts["notice"] = html(render_notice(language), "notice")
                with gr.Row(elem_id="question-row"):
                    parts["question"] = gr.Textbox(
                        label=text(language, "question"),
                        placeholder=text(language, "placeholder"),
                        show_label=False,
                        container=False,
                        lines=1,
                        max_lines=6,
                        autofocus=True,
                        elem_id="question",
                    )
                    parts["send"] = gr.Button(text(language, "send"), variant="primary", elem_id="send")
                    parts["stop"] = gr.Button(text(language, "stop"), variant="stop", elem_id="stop", visible=False)
                parts["footer"] = html(render_footer(language), "footer")
        parts["sources"] = html(render_source_pane(language, summary), "sources")
    for name in ("conversation_id", "markdown", "ask", "export", *SAID):
        parts[f"say_{name}" if name in ("ask", "export", *SAID) else name] = gr.Textbox(
            "", visible="hidden", elem_id=f"say-{name}", container=False, show_label=False, lines=1, max_lines=1
        )
    return parts


def _wire(page: gr.Blocks, parts: dict[str, Any], handlers: Handlers) -> None:
    """Which handler runs when, and what it changes."""
    import gradio as gr

    session, known = parts["session"], parts["conversation_id"]
    talk, words, rail = ([parts[name] for name in names] for names in (handlers.TALK, handlers.WORDS, handlers.RAIL))
    changed = {"TALK": talk, "WORDS": words, "RAIL": rail}
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    remember: dict[str, Any] = {"fn": None, "inputs": [known], "js": _KEEP_CONVERSATIONS}

    def followed(event: Any) -> None:
        event.then(**remember).then(None, js=_SHOW_NEWEST).then(
            handlers.follow, [session, known], talk, concurrency_limit=None, **private
        )

    for triggers, asked, js in (
        ([parts["send"].click, parts["question"].submit], parts["question"], _ASK_ONCE_OPEN),
        ([parts["say_ask"].submit], parts["say_ask"], _ONCE_OPEN),
    ):
        changes = [parts["question"], *rail, *talk]
        followed(gr.on(triggers, handlers.begin, [session, asked, known], changes, queue=False, js=js, **private))
    for name, (handler, outputs) in SAID.items():
        box = parts[f"say_{name}"]
        given = [each for output in outputs for each in changed[output]]
        inputs = [session, known] if name == "clear" else [session, box, known]
        said = box.submit(getattr(handlers, handler), inputs, given, queue=False, js=_ONCE_OPEN, **private)
        if "RAIL" in outputs:
            followed(said)
    parts["say_export"].submit(
        handlers.export, [session, parts["say_export"], known], [parts["markdown"]], queue=False, **private
    ).then(fn=None, inputs=[parts["markdown"]], js=_SAVE)
    parts["stop"].click(handlers.stop, [session, known], None, queue=False, **private)
    gr.Timer(LOOK_S).tick(handlers.look_again, [session, known], [parts["header"]], **private)
    page.unload(handlers.close_tab)
    greeted = [session, parts["say_speak"], known]
    opened = page.load(handlers.open_page, greeted, [*words, *talk, *rail], queue=False, js=_OPEN, **private)
    opened.then(None, js=_OPENED)
    followed(opened)


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
        "head": '<link rel="stylesheet" href="look/tokens.css"><link rel="stylesheet" href="look/chat.css">'
        '<link rel="stylesheet" href="look/leaf.css">'
        '<script src="look/theme.js"></script><script type="module" src="look/chat.js"></script>',
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "show_error": False,
    }
