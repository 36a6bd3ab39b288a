"""Writes a trained adapter as the GGUF file that llama.cpp loads beside the weights it was trained on.

`python -m assistant.answering.training.export --adapter adapter.pt [--out FOLDER]`
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import torch

from assistant.answering.adapter import FILE, FOLDER, RECORD
from assistant.answering.training.taught import ALPHA
from assistant.settings import load_settings
from assistant.weights.registry import WEIGHTS

#: Names of the products in llama.cpp, by those of transformers.
_NAMES = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip
_PLACE = re.compile(r"layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])\.")


def tensor_name(name: str) -> str:
    """The GGUF name of an adapter's weight. Raises ValueError when it is not one."""
    if not (found := _PLACE.search(name)):
        raise ValueError(f"{name} is not a weight of an adapter.")
    block, product, side = found.groups()
    return f"blk.{block}.{_NAMES[product]}.weight.lora_{side.lower()}"


def write(adapter: dict[str, torch.Tensor], path: Path, architecture: str = "qwen2") -> None:
    """Write the adapter's weights in half precision, as convert_lora_to_gguf of llama.cpp lays them out."""
    import gguf

    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(ALPHA))
    for name, value in sorted(adapter.items()):
        writer.add_tensor(tensor_name(name), value.to(torch.float16).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(path: Path) -> dict[str, torch.Tensor]:
    """Read what `write` wrote, by the names of `TaughtModel.adapter`."""
    import gguf

    products = {value: name for name, value in _NAMES.items()}
    found = {}
    for tensor in gguf.GGUFReader(path).tensors:
        _, block, product, _, side = tensor.name.split(".")
        name = products[product]
        part = "self_attn" if product.startswith("attn") else "mlp"
        place = f"adapted.base_model.model.model.layers.{block}.{part}.{name}.lora_{side[-1].upper()}.default.weight"
        found[place] = torch.tensor(tensor.data).float()
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the file and its record")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write(torch.load(options.adapter, weights_only=True), options.out / FILE)
    weights = WEIGHTS[load_settings().language_model]
    record = {
        "weights": weights.name,
        "weights_sha256": weights.files[0].sha256,
        "sha256": hashlib.sha256((options.out / FILE).read_bytes()).hexdigest(),
    }
    (options.out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
