"""From a question to a verified answer, as a stream of typed events."""

from assistant.answering.assistant import Assistant, open_assistant, open_language_model

__all__ = ["Assistant", "open_assistant", "open_language_model"]
