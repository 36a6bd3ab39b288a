"""What a language model has read of a prompt's fixed part, kept on disk.

Each prompt begins with the same instructions and examples (400 to 600 tokens, 5 to 10 seconds on two cores). Read once,
the model's state after them is stored (about 28 kB a token) and brought back in milliseconds: at the next start, and
when questions change between Korean and English.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_cpp import Llama

#: Files kept for one folder; older ones go.
_KEPT = 8


class PrefixStore:
    """Stored states of one model file in `folder`. A file that cannot be used is made again, never an error."""

    def __init__(self, folder: Path, model_file: Path, settings: Sequence[object]) -> None:
        import llama_cpp

        stat = model_file.stat()
        self._folder = folder
        self._key = repr((model_file.name, stat.st_size, stat.st_mtime_ns, llama_cpp.__version__, *settings))

    def _file(self, tokens: Sequence[int]) -> Path:
        return self._folder / f"{hashlib.sha256(f'{self._key}{list(tokens)}'.encode()).hexdigest()[:32]}.state"

    def restore(self, llama: Llama, tokens: Sequence[int]) -> bool:
        """Bring the model into the state after reading `tokens`; False when that state is not stored."""
        import llama_cpp

        file = self._file(tokens)
        if not file.is_file():
            return False
        llama.reset()
        llama._ctx.kv_cache_clear()
        found = (llama_cpp.llama_token * len(tokens))()
        count = ctypes.c_size_t(0)
        read = llama_cpp.llama_state_seq_load_file(
            llama._ctx.ctx, os.fsencode(file), 0, found, len(tokens), ctypes.byref(count)
        )
        if not read or list(found)[: count.value] != list(tokens):
            file.unlink(missing_ok=True)
            llama._ctx.kv_cache_clear()
            return False
        llama.input_ids[: len(tokens)] = tokens
        llama.n_tokens = len(tokens)
        llama._requires_eval = True
        file.touch()
        return True

    def save(self, llama: Llama, tokens: Sequence[int]) -> None:
        """Store the state after `tokens`, which the model must just have read. A full disk is no reason to fail."""
        import llama_cpp

        file = self._file(tokens)
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            stored = (llama_cpp.llama_token * len(tokens))(*tokens)
            written = llama_cpp.llama_state_seq_save_file(llama._ctx.ctx, os.fsencode(part), 0, stored, len(tokens))
            if written:
                part.replace(file)
            newest = sorted(self._folder.glob("*.state"), key=lambda each: -each.stat().st_mtime)
            for old in newest[_KEPT:]:
                old.unlink(missing_ok=True)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
