"""Training of the reader: prepare (pairs) → train (checkpoints) → export (8 bits, vocabulary cut) → evaluate.

Needs the development tools (`make test` installs them) and, for the public pairs, their files in JSON lines. `data/`
holds our own labelled pairs: passages of the corpus, questions, spans and replies that we wrote.
"""
