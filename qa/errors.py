"""Errors of the question-answering package.

QaError
├── QuestionError       a question that cannot be taken at all (empty, too long, no text)
├── ModelError          weights that are missing, damaged or of another architecture
├── DatasetError        a training or evaluation file that is not of its form
├── TableError          a reviewed table, such as that of urgent signs, that is not of its form
├── ExtraError          a library that only some commands need and that is not installed
└── PeerError           another program, that ours is compared with, that is not installed
"""

from __future__ import annotations


class QaError(Exception):
    """Root of every error that `qa` raises on purpose; its text is one sentence for people."""


class QuestionError(QaError, ValueError):
    """The question cannot be taken: it is empty, too long or holds no text."""


class ModelError(QaError):
    """The reader's weights are missing, damaged or of another architecture."""


class DatasetError(QaError):
    """A training or evaluation file is not of the form that it should have."""


class TableError(QaError):
    """A reviewed table that ships with the package is missing or not of the form that it should have."""


class ExtraError(QaError):
    """A library that only some commands need is not installed."""

    @classmethod
    def of(cls, what: str, library: str, extra: str) -> ExtraError:
        """Return the error that names what needs which library, and the extra that brings it."""
        return cls(f"{what}: needs {library}, which is not installed; `pip install 'medkg-qa[{extra}]'` brings it")


class PeerError(QaError):
    """Another program that ours is to be compared with is not installed."""
