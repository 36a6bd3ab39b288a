"""Alliance Assistant: grounded answers from the alliance's own documents, in Korean and English."""

__version__ = "0.2.0"
