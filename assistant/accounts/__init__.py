"""Who signs in, and what they may see: users, groups, passwords, sessions, links and tokens, in a database.

`assistant.accounts.store.Accounts` is the way in. Knows nothing of the page, HTTP or documents: a user's labels go to
whoever asks the index. Nothing here is stored in the clear that would let a thief of the file sign in.
"""
