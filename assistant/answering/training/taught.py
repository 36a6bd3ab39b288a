"""The language model as it is taught: the shipped weights in bf16 with an adapter (LoRA) on the upper layers' products.

Only the layers from the first adapted one upwards keep their activations, and only the reply's places get logits: on
two cores that is what makes learning possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

#: The linear layers of a block that are adapted.
PRODUCTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
RANK, ALPHA = 16, 32
#: Names of a GGUF file's tensors in transformers: of the whole model, and inside a block.
_WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}  # fmt: skip
_PARTS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}  # fmt: skip


class TaughtModel(nn.Module):
    """A causal language model of the Qwen2 kind with a trainable adapter; everything else is fixed."""

    def __init__(self, network: Any, first: int) -> None:
        """Put adapters on the blocks of `network` (transformers) from number `first` on."""
        from peft import LoraConfig, get_peft_model

        super().__init__()
        blocks = len(network.model.layers)
        config = LoraConfig(
            r=RANK, lora_alpha=ALPHA, target_modules=list(PRODUCTS), layers_to_transform=list(range(first, blocks))
        )
        self.adapted: Any = get_peft_model(network, config)
        self.first = first

    def forward(self, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """The logits (places, vocabulary) after those places of `ids` (batch, tokens; padded at the end) that `wanted`
        (batch, tokens; bool) names, row by row."""
        network = self.adapted.get_base_model()
        body = network.model
        with torch.no_grad():
            states = body.embed_tokens(ids)
            places = torch.arange(ids.shape[1])[None]
            turns = body.rotary_emb(states, places)
            for block in body.layers[: self.first]:
                states = _through(block, states, turns)
        for block in body.layers[self.first :]:
            states = _through(block, states, turns)
        logits: torch.Tensor = network.lm_head(body.norm(states[wanted]))
        return logits.float()

    def adapter(self) -> dict[str, torch.Tensor]:
        """The adapter's weights by name."""
        return {name: value.detach().clone() for name, value in self.named_parameters() if value.requires_grad}


def _through(block: nn.Module, states: torch.Tensor, turns: Any) -> torch.Tensor:
    """One block; without a mask its attention is causal, and padding at the end is seen by nothing before it."""
    found = block(states, attention_mask=None, position_embeddings=turns)
    return found[0] if isinstance(found, tuple) else found


def load(path: Path, first: int) -> TaughtModel:
    """The model of a GGUF file of the Qwen2 kind, dequantised to bf16, with a fresh adapter from block `first` on."""
    import gguf
    from transformers import Qwen2Config, Qwen2ForCausalLM

    reader = gguf.GGUFReader(path)
    tensors = {_name(each.name): each for each in reader.tensors}

    def stated(name: str) -> Any:
        return reader.fields[f"qwen2.{name}"].contents()

    network: Any = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=int(tensors["model.embed_tokens.weight"].shape[1]),
            hidden_size=stated("embedding_length"),
            intermediate_size=stated("feed_forward_length"),
            num_hidden_layers=stated("block_count"),
            num_attention_heads=stated("attention.head_count"),
            num_key_value_heads=stated("attention.head_count_kv"),
            max_position_embeddings=stated("context_length"),
            rope_parameters={"rope_type": "default", "rope_theta": stated("rope.freq_base")},
            rms_norm_eps=stated("attention.layer_norm_rms_epsilon"),
            tie_word_embeddings="lm_head.weight" not in tensors,
            dtype=torch.bfloat16,
        )
    )
    network.to(torch.bfloat16)
    values = dict(network.named_parameters())
    if values.keys() != tensors.keys():
        odd = sorted(values.keys() ^ tensors.keys())
        raise ValueError(f"{path.name} does not hold the weights of a Qwen2 model ({', '.join(odd)}).")
    network.requires_grad_(False)
    for name, tensor in tensors.items():  # one by one: all of them twice would take 6 GB
        values[name].copy_(_dequantised(tensor))
    return TaughtModel(network, first)


def _name(name: str) -> str:
    """The name in transformers of a tensor of a GGUF file."""
    if name in _WHOLE:
        return _WHOLE[name]
    _, block, part, side = name.split(".")
    return f"model.layers.{block}.{_PARTS[part]}.{side}"


def _dequantised(tensor: Any) -> torch.Tensor:
    import gguf
    import numpy as np

    values = gguf.dequantize(tensor.data, tensor.tensor_type)
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(torch.bfloat16)


@dataclass(frozen=True, slots=True)
class Row:
    """A lesson as tokens; `learned`: the ranges of `ids` that are to be written (start, end, weight of the first)."""

    ids: list[int]
    learned: tuple[tuple[int, int, float], ...]


def padded(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids (batch, tokens), the places before a token that is learned (bool), and those tokens, row by row."""
    longest = max(len(row.ids) for row in rows)
    batch = torch.zeros(len(rows), longest, dtype=torch.long)
    wanted = torch.zeros(len(rows), longest, dtype=torch.bool)
    for number, row in enumerate(rows):
        batch[number, : len(row.ids)] = torch.tensor(row.ids)
        for start, end, _ in row.learned:
            wanted[number, start - 1 : end - 1] = True
    following = torch.roll(batch, -1, dims=1)[wanted]
    return batch, wanted, following
