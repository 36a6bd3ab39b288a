"""Eligibility and money rules as data, evaluated by code, each with its clause.

    recognition.recognise(question) → Request → chat.answer(request) → Computed (sentences, each with its clauses)
    chat.complete(request, next turn) → Request
    engine.evaluate(rule, inputs, as_of) → Result
    citations.passages(clause, result, …) → the blocks of the cited document that hold the figures

The model never does arithmetic: figures come from `rules/*.toml`, amounts are `Decimal`, words come from templates.
Nothing is imported here, so that the command line's help stays quick.
"""
