"""Conversations: what was asked, what was answered and the evidence shown at the time.

    turns.py     a turn as it is stored and shown again, without what its reader may not see
    store.py     the conversations of everybody, each its reader's alone
    judged.py    what the staff learns from all of them

Knows nothing of the index, the page or the models.
"""

from assistant.conversations.judged import Judged, answers_citing, judged_in
from assistant.conversations.store import Conversations, new_name, open_conversations
from assistant.conversations.turns import NOTE_CHARS, Kept, Progress, Rating, State

__all__ = [
    "NOTE_CHARS",
    "Conversations",
    "Judged",
    "Kept",
    "Progress",
    "Rating",
    "State",
    "answers_citing",
    "judged_in",
    "new_name",
    "open_conversations",
]
