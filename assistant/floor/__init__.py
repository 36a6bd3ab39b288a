"""What operators look up at a machine: alarm codes, symptoms in words, pages of its manual. No language model."""
