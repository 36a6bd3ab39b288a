"""The network: a small multilingual encoder over question and excerpt, with one linear head for each thing it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

#: What a question wants, in the order of the head's outputs.
KINDS = (
    "amount", "date", "who", "yes_no", "list", "procedure", "definition", "condition", "reason", "place", "other",
)  # fmt: skip
#: What is to be computed from the marked figures, in the order of the head's outputs.
OPERATIONS = ("none", "sum", "difference", "percent_of")


class ReaderNetwork(nn.Module):
    """Encoder and heads.

    `forward(ids, mask)`, both (batch, tokens), gives the logits of answers, unknown and supports (batch, 3), of
    the kind (batch, len(KINDS)) and operation (batch, len(OPERATIONS)), and of each token's belonging to the answer
    (batch, tokens).
    """

    def __init__(self, base: Path, frozen: int = 0) -> None:
        """Load the encoder from `base`; its word vectors and its first `frozen` layers are not trained."""
        super().__init__()
        from transformers import AutoModel

        # dropout stays off: random numbers on the CPU cost more than the network, and the data are many
        self.encoder: Any = AutoModel.from_pretrained(
            base,
            add_pooling_layer=False,
            attn_implementation="sdpa",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        width = self.encoder.config.hidden_size
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False
        if frozen:
            for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:frozen]):
                part.requires_grad_(False)
        self.judgements = nn.Linear(2 * width, 3)
        self.kind = nn.Linear(2 * width, len(KINDS))
        self.operation = nn.Linear(2 * width, len(OPERATIONS))
        self.mark = nn.Linear(width, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Judge and mark a batch; see the class."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        return self.heads(states, mask)

    def heads(self, states: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The heads over the encoder's last states (batch, tokens, width)."""
        weights = mask.to(states.dtype)[..., None]
        pooled = torch.cat([(states * weights).sum(1) / weights.sum(1), states[:, 0]], 1)
        return self.judgements(pooled), self.kind(pooled), self.operation(pooled), self.mark(states)[..., 0]

    def trained_state(self) -> dict[str, torch.Tensor]:
        """All weights but the word vectors, which stay those of the base."""
        return {name: value for name, value in self.state_dict().items() if "word_embeddings" not in name}
