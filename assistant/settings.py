"""Settings: defaults < assistant.toml < ASSISTANT_* environment variables < command-line flags.

Relative paths in the defaults and in `assistant.toml` are taken from the home folder: the one that ASSISTANT_HOME
names, else the nearest with an `assistant.toml` at or above the current folder, else the checkout that the package lies
in, else the current folder. `assistant init` makes one.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError

SETTINGS_FILE = "assistant.toml"
_PACKAGE = Path(__file__).resolve().parent
#: The checkout that this package lies in; None where it was installed from a wheel.
CHECKOUT = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").is_file() else None
#: Settings of earlier versions, and what became of them.
_RETIRED = {
    "reranker": "the reader that comes with the assistant takes its place; `reader` names another",
    "evidence_tokens": "the reader chooses the passages",
    "accounts_url": "`database_url` takes its place, for conversations and the audit log as well",
    "answer_odds": "what was calibrated stands in assistant/tuning.toml",
}


def home() -> Path:
    """The folder that relative paths are taken from. Raises SettingsError when ASSISTANT_HOME is no folder."""
    if named := os.environ.get("ASSISTANT_HOME"):
        folder = Path(named).expanduser().absolute()
        if not folder.is_dir():
            raise SettingsError(
                f"ASSISTANT_HOME names {folder}, which is no folder.", f"Run `assistant init {folder}`."
            )
        return folder
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return CHECKOUT or Path("/")
    nearest = (each for each in (here, *here.parents) if (each / SETTINGS_FILE).is_file())
    return next(nearest, CHECKOUT or here)


def shipped(name: str) -> Path:
    """A folder of files that come with the assistant: `prompts`, `corpus`."""
    return (CHECKOUT or _PACKAGE / "shipped") / name


_ROOT = re.compile(r"[A-Za-z0-9._~/-]+")


class Settings(BaseSettings):
    """All settings. Each can be given as `ASSISTANT_<NAME>` or in `assistant.toml`."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="forbid", frozen=True)

    cache: Path = Field(Path("~/.cache/alliance-assistant"), description="where model files are kept")
    index: Path = Field(Path("indexes/default"), description="the index that is asked and written")
    corpus: Path = Field(Path("corpus"), description="what `assistant ingest` reads when no path is given")
    uploads: Path = Field(
        Path("uploads"), description="where the page for staff keeps documents; `assistant ingest` reads it too"
    )
    fetched: Path = Field(
        Path("fetched"), description="where `assistant ingest s3://…` keeps its copies of object stores' documents"
    )
    prompts: Path = Field(
        default_factory=lambda: shipped("prompts"),
        description="one file per prompt and language; usually ours",
    )
    access_file: Path = Field(Path("access.toml"), description="who may see which labels; may be absent")

    language_model: str = Field(
        "qwen2.5-coder-1.5b-instruct", description="a name of `assistant weights list`, or a .gguf path"
    )
    language_server: Annotated[tuple[HttpUrl, ...], NoDecode] = Field(
        (),
        description="OpenAI-compatible servers (addresses, separated by commas) that serve the same model; "
        "language_model is then its name there. None: the model runs here",
    )
    language_key: SecretStr = Field(
        SecretStr(""), description="key of those servers; best given as ASSISTANT_LANGUAGE_KEY, not in a file"
    )
    model_concurrency: int = Field(
        4, ge=1, description="answers that each language server writes at once; the model that runs here writes one"
    )
    language_connect_seconds: float = Field(5, gt=0, description="longest wait to reach a language server")
    language_first_seconds: float = Field(180, gt=0, description="longest wait for the first token of an answer")
    language_next_seconds: float = Field(60, gt=0, description="longest wait for each further token")
    language_pause_seconds: float = Field(
        30, ge=0, description="a language server that failed twice in a row is left alone for so long, then tried once"
    )
    embedder: str = Field("embeddinggemma-300m", description="a name of `assistant weights list`")
    index_url: SecretStr = Field(
        SecretStr(""),
        description="a PostgreSQL database that keeps the catalogue of the index, such as "
        "postgresql+pg8000://user:password@host/database; empty: it is in the index folder; best ASSISTANT_INDEX_URL",
    )
    chroma_url: HttpUrl | None = Field(
        None,
        description="a Chroma server that keeps the vectors, such as http://vectors.example:8000, or "
        "https://api.trychroma.com; None: they are in the index folder",
    )
    chroma_key: SecretStr = Field(
        SecretStr(""), description="key of Chroma Cloud, or of a proxy before the server; best ASSISTANT_CHROMA_KEY"
    )
    chroma_headers: dict[str, SecretStr] = Field({}, description="headers that a proxy before that server wants")
    chroma_tenant: str = Field("", description="tenant there; empty: the server's own, in Chroma Cloud the key's")
    chroma_database: str = Field("", description="database there; empty: the server's own, in Chroma Cloud the key's")
    n_gpu_layers: int | None = Field(None, description="None: all layers when llama.cpp was built for a GPU")
    threads: int | None = Field(None, ge=1, description="None: all cores")
    context_tokens: int = Field(4096, ge=1024, description="context length of the language model")
    answer_tokens: int = Field(200, ge=16, description="longest answer, in tokens")

    reading_seconds: float = Field(120.0, gt=0, description="seconds of a core that reading one file may take")
    reading_memory_mb: int = Field(600, ge=100, description="memory of a process that reads files, in MB")
    reading_workers: int | None = Field(None, ge=1, description="files read at the same time; None: one for each core")

    ray: str = Field(
        "",
        description="a Ray cluster whose machines read and embed for `assistant ingest` and `watch`: host:port, or "
        "auto, the one that this machine belongs to; local starts one here; empty: the processes of this machine",
    )

    reader: Path | None = Field(
        None, description="folder of a sentence-transformers cross-encoder on this machine; None: the shipped reader"
    )
    top_k: int = Field(20, ge=1, le=100, description="passages that a question brings to the reader")
    max_question_chars: int = Field(2000, ge=100, description="longest question, in characters")

    conversations: Path = Field(
        Path("indexes/conversations.sqlite3"), description="where questions and answers of the page are kept"
    )
    conversation_turns: int = Field(30, ge=1, description="turns kept of a conversation; the oldest go first")
    conversation_chars: int = Field(300_000, ge=1000, description="characters kept of a conversation, sources included")
    conversation_days: int = Field(
        365,
        ge=0,
        description="so long after its last question a conversation goes, with ratings and notes, and so long after it "
        "came a note of the floor page; 0: never",
    )
    audit: Path = Field(Path("indexes/audit.sqlite3"), description="where it is noted who was shown which documents")
    audit_days: int = Field(
        0, ge=0, description="so long such notes are kept (ids and labels, never words); 0: none are made, old ones go"
    )
    operator: str = Field("", description="who runs this and how to reach them; stands in the privacy notice")

    accounts: Path = Field(Path("indexes/accounts.sqlite3"), description="where users and their sessions are kept")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="a database that several servers share, instead of the files `conversations`, `audit` and "
        "`accounts`, such as postgresql+pg8000://user:password@host/database; best ASSISTANT_DATABASE_URL",
    )
    session_idle_hours: float = Field(12, gt=0, description="a session ends so long after its last request")
    session_days: float = Field(14, gt=0, description="and so long after signing in at the latest")
    public_url: HttpUrl | None = Field(
        None,
        description="the address that readers use, with the path, such as https://ask.example/assistant; "
        "None: http://host:port",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="addresses or networks (10.0.0.0/8) of proxies whose forwarded headers are believed"
    )
    hsts_days: int = Field(
        0, ge=0, description="browsers that came over HTTPS use nothing else for so long (HSTS); 0: not asked of them"
    )

    oidc_issuer: HttpUrl | None = Field(None, description="provider of single sign-on (OpenID Connect); None: none")
    oidc_client_id: str = Field("", description="what the provider calls us; it returns to /sign-in/provider/back")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="best given as ASSISTANT_OIDC_CLIENT_SECRET")
    oidc_name: str = Field("SSO", description="how readers call the provider")
    oidc_scope: str = Field("openid profile", description="what we ask it for")
    oidc_groups_claim: str = Field("groups", description="the claim that lists groups; they replace the user's")
    oidc_groups: dict[str, str] = Field({}, description="its groups → ours; without an entry a group keeps its name")

    host: str = Field("127.0.0.1", description="address of the page")
    port: int = Field(7860, ge=0, le=65535, description="port of the page; 0 takes a free one")
    stop_seconds: float = Field(
        30, ge=0, description="so long a server that is told to stop lets answers end that were begun"
    )

    @field_validator(
        "cache",
        "index",
        "corpus",
        "uploads",
        "fetched",
        "prompts",
        "access_file",
        "conversations",
        "audit",
        "accounts",
        "reader",
    )
    @classmethod
    def _from_project(cls, path: Path | None) -> Path | None:
        path = path.expanduser() if path else None
        return path if path is None or path.is_absolute() else home() / path

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url and (url.query or url.fragment or url.username or not _ROOT.fullmatch(url.path or "/")):
            raise ValueError("scheme, host, port and a path of plain letters are all it may have")
        return url

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _are_networks(cls, given: object) -> object:
        each = given.split(",") if isinstance(given, str) else given
        if not isinstance(each, list | tuple):
            raise ValueError("addresses separated by commas are needed")
        return tuple(str(ip_network(str(one).strip())) for one in each if str(one).strip())

    @field_validator("language_server", mode="before")
    @classmethod
    def _are_addresses(cls, given: object) -> object:
        each = given.split(",") if isinstance(given, str) else given
        each = each if isinstance(each, list | tuple) else () if each is None else (each,)
        return tuple(dict.fromkeys(str(one).strip() for one in each if str(one).strip()))

    @property
    def answers_at_once(self) -> int:
        """How many answers are phrased at the same time: one by the model of this machine, more by servers."""
        return len(self.language_server) * self.model_concurrency or 1

    @classmethod
    def settings_customise_sources(  # noqa: D102 - pydantic-settings' own hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, home() / SETTINGS_FILE)
        return init_settings, env_settings, toml


def load_settings(**flags: Any) -> Settings:
    """Read the settings; `flags` that are not None win. Raises SettingsError that names the bad value."""
    for name, instead in _RETIRED.items():
        if (variable := f"ASSISTANT_{name.upper()}") in os.environ:
            raise SettingsError(f"There is no setting {variable} any more: {instead}.", "Take it out.")
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if name in _RETIRED:
            raise SettingsError(
                f"There is no setting '{name}' any more: {_RETIRED[name]}.", f"Remove it from {home() / SETTINGS_FILE}."
            ) from exc
        raise SettingsError(
            f"Setting '{name}' cannot be used: {first['msg']}.",
            "Correct it in assistant.toml, in the environment or in the flag.",
        ) from exc
    except ValueError as exc:  # unreadable assistant.toml
        raise SettingsError(f"assistant.toml cannot be read: {exc}.", "Correct or remove the file.") from exc
