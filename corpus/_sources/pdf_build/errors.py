"""The one exception of the PDF build."""


class SourceError(Exception):
    """A source, a font or a built file is not what the build needs; the message says what to do."""
