"""Which programmes, loans and insurance fit a firm: rules over its profile, each verdict with its clause and quote."""
