"""What the page for staff does to documents: upload, look through, publish, replace, relabel, withdraw, delete.

    staging.py   files that somebody uploaded and has not published; read in the sandbox
    shelf.py     the folder of uploads, with the files beside documents that `assistant ingest` reads too
    changes.py   each change of the index that the page can make
    jobs.py      the line of these changes behind the index's lock
    listing.py   documents with their state, failures and what was withdrawn
    journal.py   who did what, why; what was seen and dealt with
    groups.py    questions that mean the same

Knows nothing of HTTP. Who somebody is comes as a `Reach`.
"""
