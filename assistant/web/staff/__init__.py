"""The page for staff, and narrowed to their own documents for members: documents, uploads, comparisons, questions."""
