"""Running text in Korean and English: its language, its words and codes, its figures. Knows no model and no storage."""
