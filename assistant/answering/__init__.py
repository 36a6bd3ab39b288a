"""From a question to a verified answer, as a stream of typed events. `flow.py` is the flow."""

from assistant.answering.ask import Assistant
from assistant.answering.opening import open_assistant, open_language_model, open_reader

__all__ = ["Assistant", "open_assistant", "open_language_model", "open_reader"]
