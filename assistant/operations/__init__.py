"""Running the assistant: laying out a folder for it, backup and restore.

Knows where things are kept, not what is in them: indexes, conversations and accounts copy themselves.
"""
