"""Every error that the assistant raises on purpose.

    AssistantError                what went wrong, in one sentence, and what to do about it
    ├── QuestionError             the question is empty, too long or not readable
    ├── SettingsError             assistant.toml, an environment variable or a flag has a bad value
    ├── PathError                 a path that was given does not exist or cannot be used
    ├── WeightsError              model files
    │   ├── WeightsMissing        a file is not in the cache
    │   ├── WeightsCorrupt        a file's SHA-256 is not the pinned one
    │   ├── DownloadError         no source could deliver a file
    │   └── ReaderError           the trained reader's files are missing or not those that its card describes
    ├── ModelError                a model file could not be loaded, or generation failed
    │   └── ModelAway             no language server answers; what was found stands in the documents' own words
    ├── ReadError                 a document could not be read (one file; the others go in)
    │   ├── MetadataError         its metadata cannot be understood, so nobody knows who may see it
    │   └── ReaderStopped         reading it took too long, too much memory, or ended the reader's process
    ├── IndexStateError           the index on disk
    │   ├── IndexMissing          there is none at that place
    │   ├── IndexMismatch         it was built by another embedder or chunker
    │   ├── IndexLocked           another process is writing it
    │   ├── IndexNotWritten       the disk is full, read-only or failing
    │   ├── CatalogAway           the PostgreSQL server that keeps its catalogue does not answer
    │   ├── VectorsAway           the Chroma server that keeps its vectors does not answer
    │   └── IndexCorrupt          its files contradict each other
    ├── ClusterError              the Ray cluster that reads and embeds is away or lacks something
    ├── PromptError               a prompt file is missing or lacks a variable
    ├── AccessError               the access file cannot be understood
    ├── AccountError              an account cannot be made or changed that way
    │   ├── AccountMissing        there is no such user or token
    │   ├── AccountsUnusable      the database of accounts cannot be opened or used
    │   ├── PasswordRefused       a new password is too short or too easy
    │   ├── SignInRefused         name or password is wrong, or the account is shut
    │   ├── SignOnFailed          the provider of single sign-on did not vouch for anybody
    │   ├── TooManyTries          too many sign-ins failed; wait
    │   └── LinkExpired           an invitation or reset link opens nothing any more
    ├── ConversationMissing       a conversation is unknown, or somebody else's
    ├── BackupError               a backup cannot be made, read or put back
    ├── MachineMissing            there is no manual of that machine
    ├── TooManyNotes              a machine sends more notes than people write
    ├── TooMuch                   more, or larger files are sent than the page takes
    ├── ChangeRefused             a document cannot be changed that way
    └── ServeError                the page cannot be opened (port in use, …)
        ├── Stopping              the server is being stopped and takes no more questions
        └── LineFull              too many questions wait
            └── OneAtATime        the question before, in the same conversation, is still being answered

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


class ReaderError(WeightsError):
    """The trained reader's files are missing, or are not those that its card describes."""


class ModelError(AssistantError):
    """A model could not be loaded or did not generate."""


class ModelAway(ModelError):
    """A language server is down, silent, busy or not one; another may answer, and the quotes stand without it."""


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


class CatalogAway(IndexStateError):
    """The PostgreSQL server that keeps the catalogue cannot be reached, or does not let us in."""


class VectorsAway(IndexStateError):
    """The Chroma server that keeps the vectors cannot be reached, or does not let us in."""


class IndexCorrupt(IndexStateError):
    """The files of the index contradict each other."""


class ClusterError(AssistantError):
    """The Ray cluster that reads and embeds documents cannot be reached, or lacks what it needs."""


class PromptError(AssistantError):
    """A prompt file is missing or a variable was not given."""


class AccessError(AssistantError):
    """The access file cannot be understood."""


class AccountError(AssistantError):
    """An account cannot be made or changed that way."""


class AccountMissing(AccountError):
    """There is no such user or token."""


class AccountsUnusable(AccountError):
    """The database of accounts cannot be opened or used."""


class PasswordRefused(AccountError):
    """A new password is too short or too easy to guess."""


class SignInRefused(AccountError):
    """Name or password is wrong, or the account is shut; which of them is told to nobody. `left`: tries left."""

    def __init__(self, message: str, hint: str = "", *, left: int = 0) -> None:
        super().__init__(message, hint)
        self.left = left


class SignOnFailed(AccountError):
    """The provider of single sign-on did not vouch for anybody, or cannot be reached."""


class TooManyTries(AccountError):
    """Too many sign-ins failed; wait."""


class LinkExpired(AccountError):
    """An invitation or reset link has expired, was used, or never was."""


class ConversationMissing(AssistantError):
    """There is no such conversation of this user; somebody else's is told apart by nothing."""


class BackupError(AssistantError):
    """A backup cannot be made, read or put back."""


class MachineMissing(AssistantError):
    """There is no manual of that machine, or none that this user may see."""


class TooManyNotes(AssistantError):
    """A machine sends more notes than people write."""


class TooMuch(AssistantError):
    """More files, or larger ones, are sent than the page takes."""


class ChangeRefused(AssistantError):
    """A document cannot be changed that way; `key` names the reason for the page, which says it in both languages."""

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.key = key


class ServeError(AssistantError):
    """The page cannot be opened."""


class Stopping(ServeError):
    """The server is being stopped and takes no more questions."""


class LineFull(ServeError):
    """Too many questions wait, of all or of one user."""


class OneAtATime(LineFull):
    """The question before, in the same conversation, is still being answered."""
