"""Every error that the assistant raises on purpose.

    AssistantError                what went wrong, in one sentence, and what to do about it
    ├── QuestionError             the question is empty, too long or not readable
    ├── SettingsError             assistant.toml, an environment variable or a flag has a bad value
    ├── PathError                 a path that was given does not exist or cannot be used
    ├── WeightsError              model files
    │   ├── WeightsMissing        a file is not in the cache
    │   ├── WeightsCorrupt        a file's SHA-256 is not the pinned one
    │   └── DownloadError         no source could deliver a file
    ├── ModelError                a model file could not be loaded, or generation failed
    ├── ReadError                 a document could not be read (one file; the others go in)
    │   ├── MetadataError         its metadata cannot be understood, so nobody knows who may see it
    │   └── ReaderStopped         reading it took too long, too much memory, or ended the reader's process
    ├── IndexStateError           the index on disk
    │   ├── IndexMissing          there is none at that place
    │   ├── IndexMismatch         it was built by another embedder or chunker
    │   ├── IndexLocked           another process is writing it
    │   ├── IndexNotWritten       the disk is full, read-only or failing
    │   └── IndexCorrupt          its files contradict each other
    ├── PromptError               a prompt file is missing or lacks a variable
    ├── AccessError               the access file cannot be understood
    ├── ConversationMissing       a conversation is unknown, or somebody else's
    └── ServeError                the page cannot be opened (port in use, …)

Library errors are translated where the library is called, with `raise … from exc`. The command line prints
`message` and `hint` and exits with 1; the page shows them in place of an answer.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of all expected errors: `message` says what happened, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class QuestionError(AssistantError):
    """The question is empty, too long or not readable."""


class SettingsError(AssistantError):
    """A setting has a value that cannot be used."""


class PathError(AssistantError):
    """A path that was given does not exist or cannot be used."""


class WeightsError(AssistantError):
    """Something about model files."""


class WeightsMissing(WeightsError):
    """A model file is not in the cache."""


class WeightsCorrupt(WeightsError):
    """A model file's SHA-256 is not the pinned one."""


class DownloadError(WeightsError):
    """No source could deliver a model file."""


class ModelError(AssistantError):
    """A model could not be loaded or did not generate."""


class ReadError(AssistantError):
    """A document could not be read."""


class MetadataError(ReadError):
    """A document's metadata cannot be understood, so nobody knows who may see it."""


class ReaderStopped(ReadError):
    """Reading it took too long, too much memory, or ended the reader's process."""


class IndexStateError(AssistantError):
    """Something about the index on disk."""


class IndexMissing(IndexStateError):
    """There is no index at that place."""


class IndexMismatch(IndexStateError):
    """The index was built by another embedder, chunker or tokenizer."""


class IndexLocked(IndexStateError):
    """Another process is writing the index."""


class IndexNotWritten(IndexStateError):
    """The disk is full, read-only or failing."""


class IndexCorrupt(IndexStateError):
    """The files of the index contradict each other."""


class PromptError(AssistantError):
    """A prompt file is missing or a variable was not given."""


class AccessError(AssistantError):
    """The access file cannot be understood."""


class ConversationMissing(AssistantError):
    """There is no such conversation of this user; somebody else's is told apart by nothing."""


class ServeError(AssistantError):
    """The page cannot be opened."""
