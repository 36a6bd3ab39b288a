"""Measuring answers against question sets with keys."""
