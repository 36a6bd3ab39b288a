"""The programme finder's page: a firm is entered once, and each verdict comes with the clause that decides it."""
