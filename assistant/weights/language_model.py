"""The language model: a GGUF file in llama.cpp, greedy and reproducible, with a grammar.

It knows nothing of documents or answers: messages and a grammar in, text out. The chat template is the one in the
GGUF. The fixed part of a prompt (its first message) is read once and kept on disk; what the model sees for a
question depends on its messages alone, never on what was asked before, so that answers are reproducible.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError
from assistant.weights import locate
from assistant.weights.prefix import PrefixStore

if TYPE_CHECKING:
    from llama_cpp import Llama, LlamaGrammar

_log = logging.getLogger(__name__)

Message = dict[str, str]

#: Tokens that a fixed part must have to be kept.
_WORTH_KEEPING = 64


def gpu_offload_supported() -> bool:
    """Whether this build of llama.cpp can put layers on a GPU."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def layers_of(model: Path) -> int:
    """How many layers a GGUF file has that a GPU can take; 0 when it does not say. Raises ModelError."""
    from llama_cpp import Llama

    try:
        with _silent():
            stated = Llama(model_path=str(model), vocab_only=True, n_gpu_layers=0, verbose=False).metadata
    except (ValueError, OSError, RuntimeError) as exc:
        raise ModelError(
            f"The language model {model.name} cannot be read ({exc}).", "Run `assistant weights verify`."
        ) from exc
    blocks = next((value for key, value in stated.items() if key.endswith(".block_count")), "")
    return int(blocks) + 1 if blocks.isdecimal() else 0  # the output counts as one


@lru_cache(maxsize=64)
def _grammar(text: str) -> LlamaGrammar:
    from llama_cpp import LlamaGrammar

    return LlamaGrammar.from_string(text, verbose=False)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """llama.cpp's C code writes its loading log to file descriptor 2 even with verbose=False."""
    saved = os.dup(2)
    try:
        with Path(os.devnull).open("w") as null:
            os.dup2(null.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _control_tokens(llama: Llama) -> re.Pattern[str]:
    """Matches the text of every control token of a model: its first character is group 1."""
    from llama_cpp import llama_vocab_get_text, llama_vocab_is_control

    vocab = llama._model.vocab
    texts = [
        llama_vocab_get_text(vocab, token).decode("utf-8", "ignore")
        for token in range(llama.n_vocab())
        if llama_vocab_is_control(vocab, token)
    ]
    rest = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True) if len(text) > 2)
    return re.compile(rf"(?={rest})(.)" if rest else "(?!)()", re.S)


class LlamaCppModel:
    """A GGUF model, loaded at first use; one generation at a time."""

    def __init__(
        self,
        name: str,
        cache: Path,
        *,
        context_tokens: int,
        n_gpu_layers: int | None = None,
        threads: int | None = None,
        adapter: Path | None = None,
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self._path = locate(name, cache)
        self._n_gpu_layers = n_gpu_layers
        self._threads = threads
        self._adapter = adapter
        self._adapted = hashlib.sha256(adapter.read_bytes()).hexdigest() if adapter else ""
        self._lock = threading.RLock()
        self._llama: Llama | None = None
        self._asked: list[int] = []
        self._format: Any = None
        self._markup = re.compile("(?!)()")
        self._prefixes: PrefixStore | None = None
        self._prefix_folder = cache / "prefixes"

    def load(self) -> Llama:
        """The loaded model. Raises ModelError when the file is not a model that llama.cpp can read."""
        with self._lock:
            if self._llama is None:
                from llama_cpp import Llama
                from llama_cpp.llama_chat_format import Jinja2ChatFormatter

                threads = self._threads or os.cpu_count()

                def opened(layers: int) -> Llama:
                    with _silent():
                        return Llama(
                            model_path=str(self._path),
                            n_ctx=self.context_tokens,
                            n_gpu_layers=layers,
                            seed=0,
                            n_threads=threads,
                            n_threads_batch=threads,
                            n_batch=512,
                            lora_path=str(self._adapter) if self._adapter else None,
                            verbose=False,
                        )

                layers = self._n_gpu_layers
                if layers is None:
                    layers = -1 if gpu_offload_supported() else 0
                try:
                    try:
                        llama = opened(layers)
                    except (ValueError, RuntimeError) as exc:
                        if layers == 0 or self._n_gpu_layers is not None:
                            raise
                        _log.warning("The GPU cannot take the language model (%s); the processor does.", exc)
                        layers = 0
                        llama = opened(layers)
                except (ValueError, OSError, RuntimeError) as exc:
                    raise ModelError(
                        f"The language model {self._path.name} cannot be loaded ({exc}).",
                        "Run `assistant weights verify`; a damaged file is fetched again by `assistant weights pull`.",
                    ) from exc
                template = llama.metadata.get("tokenizer.chat_template")
                if not template:
                    raise ModelError(
                        f"The language model {self._path.name} carries no chat template.", "Choose an instruct model."
                    )
                self._format = Jinja2ChatFormatter(
                    template=template,
                    eos_token=self._piece(llama, llama.token_eos()),
                    bos_token=self._piece(llama, llama.token_bos()),
                    stop_token_ids=[llama.token_eos()],
                )
                self._markup = _control_tokens(llama)
                self._prefixes = PrefixStore(self._prefix_folder, self._path, (layers, threads, self._adapted))
                self._llama = llama
            return self._llama

    @staticmethod
    def _piece(llama: Llama, token: int) -> str:
        return llama.detokenize([token], special=True).decode("utf-8", "ignore") if token >= 0 else ""

    def count_tokens(self, text: str) -> int:
        """Length of `text` in this model's tokens. Does not wait for a generation that is under way."""
        return len(self.tokens_of(text))

    def tokens_of(self, text: str) -> list[int]:
        """`text` in this model's tokens; what looks like a control token stays text."""
        llama = self._llama or self.load()
        return list(llama.tokenize(text.encode(), add_bos=False, special=False))

    @property
    def end(self) -> int:
        """The token that ends a reply."""
        return int(self.load().token_eos())

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """A chat as the model reads it, with the beginning of its reply."""
        llama = self.load()
        # a question or a document that holds "<|im_start|>" must not begin a turn of its own
        said = [{**each, "content": self._markup.sub(r"\1 ", each["content"])} for each in messages]
        prompt = self._format(messages=said).prompt
        bos = self._piece(llama, llama.token_bos())
        return llama.tokenize(prompt.encode(), add_bos=not (bos and prompt.startswith(bos)), special=True)

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Load the model and read the fixed part of `messages` (all but the last), or bring it back from disk."""
        with self._lock:
            self._asked = []
            self._read_fixed_part(messages, self.tokens(messages))

    def _read_fixed_part(self, messages: Sequence[Message], tokens: Sequence[int]) -> None:
        """Bring the model into the state after what `messages` share with other ones under the same first message."""
        llama = self.load()
        other = self.tokens([messages[0], {"role": "user", "content": "\n"}])
        shared = next((n for n, (one, two) in enumerate(zip(tokens[:-1], other, strict=False)) if one != two), 0)
        if shared < _WORTH_KEEPING:
            llama.reset()
            return
        fixed = list(tokens[:shared])
        if list(llama.input_ids[: llama.n_tokens][:shared]) == fixed:
            llama._ctx.kv_cache_seq_rm(-1, shared, -1)
            llama.n_tokens = shared
            llama._requires_eval = True
        elif not (self._prefixes and self._prefixes.restore(llama, fixed)):
            llama.reset()
            llama.eval(fixed)
            if self._prefixes:
                self._prefixes.save(llama, fixed)

    def _prompt_tokens(self, messages: Sequence[Message], answer_tokens: int) -> list[int]:
        """The prompt, and the model in the state to read the rest of it. Raises ModelError when it is too long."""
        tokens = self.tokens(messages)
        if len(tokens) + answer_tokens > self.context_tokens:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens and the answer may have {answer_tokens}, "
                f"more than the context of {self.context_tokens}.",
                "Raise context_tokens in the settings.",
            )
        if not self._asked or tokens[: len(self._asked)] != self._asked:  # else it goes on with what was just read
            self._read_fixed_part(messages, tokens)
        self._asked = tokens
        return tokens

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Yield the reply as text, piece by piece; Hangul is never cut inside a character.

        `cancel` is asked before every token. Raises ModelError when prompt and answer do not fit the context.
        """
        from llama_cpp import llama_vocab_is_eog

        with self._lock:
            llama = self.load()
            tokens = self._prompt_tokens(messages, max_tokens)
            vocab = llama._model.vocab
            decoder = codecs.getincrementaldecoder("utf-8")("ignore")
            produced: list[int] = []
            for token in llama.generate(tokens, temp=0.0, grammar=_grammar(grammar) if grammar else None):
                if llama_vocab_is_eog(vocab, token) or len(produced) >= max_tokens or (cancel and cancel()):
                    break
                produced.append(token)
                # one piece for each token, also an empty one: who reads along counts tokens by pieces
                yield decoder.decode(llama.detokenize([token], prev_tokens=tokens + produced[:-1]))
            if tail := decoder.decode(b"", final=True):
                yield tail

    def log_odds(self, messages: Sequence[Message], beginnings: Sequence[str], against: str) -> float | None:
        """How much rather the reply begins with one of `beginnings` than with `against` (natural logarithm).

        By first tokens; nothing is written. Messages that go on with the ones before are read from where those end.
        None without an adapter: the model was not taught to be asked so.
        """
        import numpy as np

        if self._adapter is None:
            return None
        with self._lock:
            llama = self.load()
            next(iter(llama.generate(self._prompt_tokens(messages, 1), temp=0.0)), None)
            firsts = {llama.tokenize(word.encode(), add_bos=False, special=False)[0] for word in beginnings}
            (other,) = llama.tokenize(against.encode(), add_bos=False, special=False)[:1]
            logits = np.ctypeslib.as_array(llama._ctx.get_logits_ith(-1), shape=(llama.n_vocab(),))
            return float(np.logaddexp.reduce(logits[sorted(firsts)]) - logits[other])
