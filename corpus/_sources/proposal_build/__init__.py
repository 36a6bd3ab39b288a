"""Turns the sources of the sample proposals into HWPX, DOCX, PDF and XLSX files.

The flow is one way: ``source`` reads a proposal, ``budget`` checks its figures and writes its tables,
``document`` makes the blocks of ``pdf_build`` from both, one of ``docx_file``, ``hwpx_file``, ``xlsx_file`` and the
PDF pages of ``pdf_build`` sets them. ``reading`` gives the text of a built file back for comparison.
"""
