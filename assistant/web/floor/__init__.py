"""The floor page: an alarm code or a symptom at a machine, on a phone or a panel, also while the server is away."""
