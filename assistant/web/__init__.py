"""The chat page: `serve(settings)` opens it. Gradio is imported only then."""

from assistant.web.serving import OpenPage, free_port, serve

__all__ = ["OpenPage", "free_port", "serve"]
