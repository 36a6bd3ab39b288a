"""What changed between two versions of a document: values, steps, clauses and rows added, removed and changed.

    compare.changes_of(document, seen), compare.compare(old, new, seen) → values.Comparison
      pieces.py      stored blocks → headings, sentences, items, steps, warnings, rows, each with a key
      sections.py    which section is which, by heading without number, then by content
      alignment.py   which piece is which: the same, moved, alike (likeness.py), or gone and new
      figures.py     which figures and codes of a pair differ

By code alone: no language model, the same result every time. Renumbered headings, steps, tables and references, moved
pieces, spacing and the spelling of a figure are no changes. Nothing is imported here, so that the command line's help
stays quick.
"""
