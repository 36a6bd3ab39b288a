"""Teaching the language model to answer from quotes: an adapter (LoRA) on the shipped weights. A tool of its own."""
