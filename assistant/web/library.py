"""What is changed in Gradio itself: its logs keep no request, and its page marks its own scripts."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import SimpleNamespace
from typing import Any

from assistant.web.guard import NONCE, where

_log = logging.getLogger(__name__)


def tame() -> None:
    """Change it; any number of times."""
    _log_discreetly()
    _mark_scripts()


def _log_discreetly() -> None:
    """Have it log where an error happened; it would print what was sent as well."""
    from gradio import queueing, route_utils, routes

    def print_exc(*_: object, **__: object) -> None:
        if (exc := sys.exc_info()[1]) is not None:
            _log.error("An event of the page failed: %s", where(exc))

    discreet = SimpleNamespace(**{**vars(traceback), "print_exc": print_exc})
    for module in (queueing, route_utils, routes):
        module.traceback = discreet  # type: ignore[attr-defined]


def _mark_scripts() -> None:
    """Put the nonce of the answer on the scripts of the page's template, so that the policy can refuse all others.

    The template is changed, not what comes out of it: a script that got in with a value has no nonce.
    """
    from gradio.routes import templates
    from jinja2 import BaseLoader, Environment

    class Marked(BaseLoader):
        def __init__(self, inner: BaseLoader) -> None:
            self.inner = inner

        def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
            source, path, fresh = self.inner.get_source(environment, template)
            return marked(source), path, fresh

    loader = templates.env.loader
    if loader is not None and not hasattr(loader, "inner"):
        templates.env.loader = Marked(loader)
        if templates.env.cache is not None:
            templates.env.cache.clear()


def marked(source: str) -> str:
    """A template with the nonce on each script, and without the link to a manifest, which this page has not."""
    source = re.sub(r"<link rel=\"manifest\"[^>]*>", "", source)
    return re.sub(r"<script\b", f"<script nonce=\"{{{{ request.scope['{NONCE}'] }}}}\"", source)
