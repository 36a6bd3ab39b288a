"""Turns the sources of the starter documents into PDF files.

The flow is one way: ``sources`` finds and reads them, ``markdown_document`` and
``manual_document`` turn them into
``blocks``, ``flowables`` and ``page`` set the blocks as pages, ``publish`` writes or compares
the files.
The package knows nothing of the assistant that later reads the documents.
"""
