"""Settings: defaults < assistant.toml < ASSISTANT_* environment variables < command-line flags.

Relative paths in the defaults and in `assistant.toml` are taken from the project folder (the one that holds
`corpus/` and `prompts/`), so that commands work from anywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings. Each can be given as `ASSISTANT_<NAME>` or in `assistant.toml`."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="forbid", frozen=True)

    cache: Path = Field(Path("~/.cache/alliance-assistant"), description="where model files are kept")
    index: Path = Field(Path("indexes/default"), description="the index that is asked and written")
    corpus: Path = Field(Path("corpus"), description="what `assistant ingest` reads when no path is given")
    prompts: Path = Field(Path("prompts"), description="one file per prompt and language")
    access_file: Path = Field(Path("access.toml"), description="who may see which labels; may be absent")

    language_model: str = Field(
        "qwen2.5-coder-1.5b-instruct", description="a name of `assistant weights list`, or a .gguf path"
    )
    language_server: HttpUrl | None = Field(
        None, description="an OpenAI-compatible server; language_model is then a name there. None: the model runs here"
    )
    language_key: SecretStr = Field(
        SecretStr(""), description="key of that server; best given as ASSISTANT_LANGUAGE_KEY, not in a file"
    )
    embedder: str = Field("embeddinggemma-300m", description="a name of `assistant weights list`")
    n_gpu_layers: int | None = Field(None, description="None: all layers when llama.cpp was built for a GPU")
    threads: int | None = Field(None, ge=1, description="None: all cores")
    context_tokens: int = Field(4096, ge=1024, description="context length of the language model")
    answer_tokens: int = Field(200, ge=16, description="longest answer, in tokens")

    reading_seconds: float = Field(120.0, gt=0, description="seconds of a core that reading one file may take")
    reading_memory_mb: int = Field(600, ge=100, description="memory of a process that reads files, in MB")
    reading_workers: int | None = Field(None, ge=1, description="files read at the same time; None: one for each core")

    reranker: Path | None = Field(
        None, description="folder of a sentence-transformers cross-encoder on this machine; None: no reranking"
    )
    top_k: int = Field(10, ge=1, le=100, description="passages that a question retrieves")
    evidence_tokens: int = Field(520, ge=100, description="budget of evidence sentences, in model tokens")
    answer_odds: float = Field(
        0.5, description="certainty (log odds) that the evidence answers, below which the question is refused"
    )
    max_question_chars: int = Field(2000, ge=100, description="longest question, in characters")

    conversations: Path = Field(
        Path("indexes/conversations.sqlite3"), description="where questions and answers of the page are kept"
    )
    conversation_turns: int = Field(30, ge=1, description="turns kept of a conversation; the oldest go first")
    conversation_chars: int = Field(300_000, ge=1000, description="characters kept of a conversation, sources included")

    host: str = Field("127.0.0.1", description="address of the page")
    port: int = Field(7860, ge=0, le=65535, description="port of the page; 0 takes a free one")

    @field_validator("cache", "index", "corpus", "prompts", "access_file", "conversations", "reranker")
    @classmethod
    def _from_project(cls, path: Path | None) -> Path | None:
        path = path.expanduser() if path else None
        return path if path is None or path.is_absolute() else PROJECT / path

    @classmethod
    def settings_customise_sources(  # noqa: D102 - pydantic-settings' own hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, PROJECT / "assistant.toml")
        return init_settings, env_settings, toml


def load_settings(**flags: Any) -> Settings:
    """Read the settings; `flags` that are not None win. Raises SettingsError that names the bad value."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"Setting '{name}' cannot be used: {first['msg']}.",
            "Correct it in assistant.toml, in the environment or in the flag.",
        ) from exc
    except ValueError as exc:  # unreadable assistant.toml
        raise SettingsError(f"assistant.toml cannot be read: {exc}.", "Correct or remove the file.") from exc
