"""Documents for everyone: the list, reading one, its pages as pictures, the original, a cited place."""
