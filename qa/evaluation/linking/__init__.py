"""Measures the entity linker: on annotated abstracts, on lay language, on misspelt and ambiguous names, and on text without medicine.

Each suite is a function of a linker and of data, and returns a frozen result with its figures, its text and its misses. A peer is
another linker over the same names, so that all suites take it as they take ours.
"""
