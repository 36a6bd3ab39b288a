"""Pages of accounts, written by the server without a script: signing in and out, passwords, invitations, tokens."""
