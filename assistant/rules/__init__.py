"""Eligibility and money rules as data, evaluated by code, each with its clause.

    route.request_of(turns, reader, …) → Request → chat.answer(request) → Computed (sentences, each with its clauses)
      shortlist.nearest(question), cards.card(rule): what the reader picks the rule from
      given.read_given(rule, text, reader, …): what the asker's words give; figures.py proves each figure
    engine.evaluate(rule, inputs, as_of) → Result
    citations.passages(clause, result, …) → the blocks of the cited document that hold the figures

No model does arithmetic: figures come from `definitions/*.toml` and from the asker's own words, amounts are `Decimal`,
sentences come from templates. Nothing is imported here, so that the command line's help stays quick.
"""
