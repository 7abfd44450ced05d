"""What can be set about the web server."""

from __future__ import annotations

from dataclasses import dataclass

from qa.runtimes import REMEMBERED


@dataclass(frozen=True, slots=True)
class Settings:
    """How much the server takes on.

    Attributes:
        body_limit: Longest request body, in bytes.
        at_once: Questions that are worked on at the same time; torch uses several cores for one.
        waiting: Questions that may wait for their turn; further ones are told to come back later.
        remembered: Results of the reader that are kept in memory and given again for the same question over the same evidence.
    """

    body_limit: int = 64 * 1024
    at_once: int = 1
    waiting: int = 64
    remembered: int = REMEMBERED
