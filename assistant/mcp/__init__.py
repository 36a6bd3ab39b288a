"""The MCP server: a program's model searches, asks, reads documents and checks rules, with its user's access.

    assistant mcp --as mina      over standard input and output, for the user that the access file names
    assistant mcp --http         streamable HTTP at /mcp; `Authorization: Bearer TOKEN` (a personal token), else public

Who asks is told anew at every call, so that a changed group or a revoked token counts at once; nothing that a call
says can widen it. A document or a rule that the asker may not see is told apart from one that does not exist by
nothing. Over HTTP no session is kept. `tools.py` holds the tools, `serving.py` opens and closes; by the official SDK
(the package `mcp`), which is imported only where it is used.
"""
