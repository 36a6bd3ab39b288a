"""The shipped reader's weights as a start for learning on: `python -m assistant.reading.training.shipped FILE`.

A training takes hours from the base network; with new pairs it is enough to go on from what the package holds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch

from assistant.reading.reader import WEIGHTS
from assistant.reading.training.export import INPUTS

#: Weights of one layer in the order in which the exported network multiplies with them.
_PRODUCTS = tuple(part for parts in INPUTS.values() for part in parts)


def trained_state(folder: Path = WEIGHTS) -> dict[str, torch.Tensor]:
    """The weights of `reader.onnx` in `folder` by their names in `ReaderNetwork`, from 8 bits back to floats.

    Raises ValueError when the file is not one that `export` wrote.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(folder / "reader.onnx")).graph
    values: dict[str, Any] = {each.name: each for each in graph.initializer}

    def plain(name: str) -> torch.Tensor:
        return torch.from_numpy(numpy_helper.to_array(values[name]).copy())

    def product(name: str) -> torch.Tensor:
        stem = name.removesuffix("_quantized")
        return ((plain(name).float() - plain(f"{stem}_zero_point").float()) * plain(f"{stem}_scale")).T.contiguous()

    found = {name.removeprefix("network."): plain(name) for name in values if name.startswith("network.")}
    found = {name: value for name, value in found.items() if name.endswith((".weight", ".bias"))}
    products = [
        name
        for node in graph.node
        if node.op_type == "MatMulInteger"
        for name in node.input
        if name.endswith("_quantized") and name in values
    ]
    layers = (len(products) - 4) // len(_PRODUCTS)
    if len(products) != layers * len(_PRODUCTS) + 4:
        raise ValueError(f"{folder / 'reader.onnx'} is not a file of `assistant.reading.training.export`.")
    names = [f"encoder.encoder.layer.{layer}.{part}" for layer in range(layers) for part in _PRODUCTS]
    for name, source in zip([*names, "mark"], products, strict=False):
        found[f"{name}.weight"] = product(source)
    for layer in range(layers):
        for given, parts in INPUTS.items():
            for part in parts:
                found[f"encoder.encoder.layer.{layer}.{part}.weight"] /= plain(f"factors.{layer}.{given}")
    found["encoder.embeddings.token_type_embeddings.weight"] = plain("types").repeat(2, 1)
    for head in ("judgements", "kind", "operation"):
        found[f"{head}.weight"] = product(f"network.{head}.weight_Transposed_quantized")
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file for `train --start`")
    torch.save(trained_state(), parser.parse_args().out)


if __name__ == "__main__":
    main()
