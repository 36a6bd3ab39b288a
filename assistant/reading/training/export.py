"""From trained weights to the product's files: 8 bits, the vocabulary cut to Korean, English and signs.

Writes `reader.onnx`, `tokenizer.json` and `reader.json` (fingerprint, thresholds and calibration follow in `evaluate`).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import random
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from assistant.reading.training.batches import encode, padded
from assistant.reading.training.examples import own
from assistant.reading.training.network import KINDS, OPERATIONS, ReaderNetwork

#: Latin pieces that are kept: the most frequent ones (pieces stand in the order of their probability).
_LATIN = 36_000
_SPECIAL = 4
#: What multiplies the same input in a layer, by the name of that input.
INPUTS = {
    "attention": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "mixed": ("attention.output.dense",),
    "between": ("intermediate.dense",),
    "inner": ("output.dense",),
}
#: How much of an input's unevenness goes over to the weights (SmoothQuant, Xiao et al. 2022): 0 none, 1 all.
_EVENED = 0.8
#: Examples that the inputs' sizes are measured on.
_SAMPLES = 96


def kept_pieces(vocabulary: list[Any]) -> list[int]:
    """Positions of the pieces to keep: special ones, Korean, signs and digits, frequent ASCII words."""
    kept, latin = list(range(_SPECIAL)), 0
    for position in range(_SPECIAL, len(vocabulary)):
        letters = [c for c in vocabulary[position][0].replace("▁", "") if unicodedata.category(c)[0] == "L"]
        marks = any(unicodedata.category(c)[0] in "MC" for c in vocabulary[position][0])
        if marks or not all(c.isascii() or "HANGUL" in unicodedata.name(c, "") for c in letters):
            greek = len(letters) == 1 and unicodedata.name(letters[0], "").startswith(("GREEK", "MICRO"))
            if not greek:
                continue
        if any(c.isascii() for c in letters):
            latin += 1
            if latin > _LATIN and len(letters) > 1:
                continue
        kept.append(position)
    return kept


class _Table(nn.Module):
    """Word vectors in 8 bits with one scale a row."""

    def __init__(self, vectors: torch.Tensor) -> None:
        super().__init__()
        scale = vectors.abs().amax(1, keepdim=True).clamp_min(1e-9) / 127
        self.register_buffer("rounded", (vectors / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        rounded: torch.Tensor = self.rounded  # type: ignore[assignment]
        scale: torch.Tensor = self.scale  # type: ignore[assignment]
        return rounded[ids].float() * scale[ids]


def even_out(network: ReaderNetwork, samples: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> list[nn.ParameterDict]:
    """Make the layers' inputs even, so that one 8-bit scale serves all their columns.

    Multiplies each column of the weights by a factor and gives the factors, by layer and input; the input has to be
    divided by them. `samples` are (ids, mask).
    """
    largest: dict[nn.Module, torch.Tensor] = {}

    def look(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        sizes = inputs[0].detach().abs().flatten(0, -2).amax(0)
        largest[module] = torch.maximum(largest.get(module, sizes), sizes)

    layers = network.encoder.encoder.layer
    watched = [layer.get_submodule(part) for layer in layers for parts in INPUTS.values() for part in parts]
    hooks = [module.register_forward_pre_hook(look) for module in watched]
    with torch.no_grad():
        for ids, mask in samples:
            network(ids, mask)
    for hook in hooks:
        hook.remove()
    found = []
    for layer in layers:
        factors = nn.ParameterDict()
        for name, parts in INPUTS.items():
            modules: list[Any] = [layer.get_submodule(part) for part in parts]
            weights = torch.stack([module.weight.detach().abs().amax(0) for module in modules]).amax(0)
            sizes = largest[modules[0]].clamp_min(1e-4)
            factor = sizes**_EVENED / weights.clamp_min(1e-5) ** (1 - _EVENED)
            for module in modules:
                module.weight.data *= factor
            factors[name] = nn.Parameter(factor, requires_grad=False)
        found.append(factors)
    return found


class _Exported(nn.Module):
    """What the file computes: (ids, mask) → judgements, kind, operation, mark; logits."""

    def __init__(self, network: ReaderNetwork, kept: list[int], factors: Sequence[nn.ParameterDict]) -> None:
        super().__init__()
        self.network = network
        self.table = _Table(network.encoder.embeddings.word_embeddings.weight.detach()[kept])
        self.types = nn.Parameter(network.encoder.embeddings.token_type_embeddings.weight.detach()[0].clone())
        self.factors = nn.ModuleList(factors)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        encoder = self.network.encoder
        inner = encoder.embeddings
        positions = torch.arange(ids.shape[1])[None]
        states = self.table(ids) + self.types + inner.position_embeddings(positions)
        states = inner.LayerNorm(states)
        bias = (1.0 - mask[:, None, None, :].float()) * -1e4
        for layer, factors in zip(encoder.encoder.layer, self.factors, strict=True):
            states = _layer(layer, states, bias, factors)
        return self.network.heads(states, mask)


def _layer(layer: Any, states: torch.Tensor, bias: torch.Tensor, factors: Any) -> torch.Tensor:
    """One layer of the encoder, written out: attention and feed-forward with their norms after the sums."""
    own = layer.attention.self
    batch, tokens, width = states.shape
    heads = own.num_attention_heads
    shape = (batch, tokens, heads, width // heads)
    even = states / factors["attention"]
    query, key, value = (part(even).view(shape).transpose(1, 2) for part in (own.query, own.key, own.value))
    weights = torch.softmax(query @ key.transpose(2, 3) / (width // heads) ** 0.5 + bias, -1)
    mixed = (weights @ value).transpose(1, 2).reshape(batch, tokens, width)
    states = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed / factors["mixed"]) + states)
    inner = nn.functional.gelu(layer.intermediate.dense(states / factors["between"]))
    return layer.output.LayerNorm(layer.output.dense(inner / factors["inner"]) + states)


def _samples(base: Path) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Ids and masks of some of our own examples."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    learned = [each for each in own(None) if each.split == "train"]
    batches = [
        padded([encode(each, tokenizer)], tokenizer.pad_token_id)
        for each in random.Random(2).sample(learned, _SAMPLES)
    ]  # fmt: skip
    return [(batch["ids"], batch["mask"]) for batch in batches]


def export(base: Path, weights: Path, out: Path) -> None:
    """Write the files of the trained `weights` into `out`."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = ReaderNetwork(base)
    network.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    network.eval()
    factors = even_out(network, _samples(base))
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = tokenizer["model"]["vocab"]
    kept = kept_pieces(pieces)
    smaller = copy.deepcopy(tokenizer)
    smaller["model"]["vocab"] = [pieces[position] for position in kept]
    smaller["added_tokens"] = [token for token in tokenizer["added_tokens"] if token["id"] < _SPECIAL]
    smaller["truncation"] = smaller["padding"] = None
    out.mkdir(parents=True, exist_ok=True)
    (out / "tokenizer.json").write_text(
        json.dumps(smaller, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        sample = (torch.randint(4, 1000, (2, 16)), torch.ones(2, 16, dtype=torch.long))
        torch.onnx.export(
            _Exported(network, kept, factors),
            sample,
            str(plain),
            input_names=["ids", "mask"],
            output_names=["judgements", "kind", "operation", "mark"],
            dynamic_axes={
                "ids": {0: "batch", 1: "tokens"},
                "mask": {0: "batch", 1: "tokens"},
                "judgements": {0: "batch"},
                "kind": {0: "batch"},
                "operation": {0: "batch"},
                "mark": {0: "batch", 1: "tokens"},
            },
            opset_version=17,
            dynamo=False,
        )
        # weights in 7 bits: AVX2 without VNNI adds pairs of 8-bit products in 16 bits, which overflow otherwise
        quantize_dynamic(plain, out / "reader.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                         op_types_to_quantize=["MatMul"])  # fmt: skip
    digest = hashlib.sha256((out / "reader.onnx").read_bytes() + (out / "tokenizer.json").read_bytes()).hexdigest()
    model = onnx.load(str(out / "reader.onnx"), load_external_data=False)
    record = {
        "sha256": digest,
        "kinds": KINDS,
        "operations": OPERATIONS,
        "vocabulary": len(kept),
        "opset": model.opset_import[0].version,
        "calibration": {},
    }
    (out / "reader.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    export(options.base, options.weights, options.out)


if __name__ == "__main__":
    main()
