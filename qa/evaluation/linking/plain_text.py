"""Text that has nothing to do with medicine: every link in it is false."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.evaluation.linking.results import Figure, Miss, Watch, around, shown, shown_candidates
from qa.linker import Linker

# Articles of SQuAD's development set that tell of no illness, injury or medicine, chosen by their titles.
ARTICLES = (
    "American_Broadcasting_Company",
    "Computational_complexity_theory",
    "Doctor_Who",
    "Force",
    "Imperialism",
    "Normans",
    "Packet_switching",
    "Prime_number",
    "Private_school",
    "Rhine",
    "Scottish_Parliament",
    "Sky_(United_Kingdom)",
    "Southern_California",
    "Steam_engine",
    "Super_Bowl_50",
    "Victoria_(Australia)",
    "Victoria_and_Albert_Museum",
    "Warsaw",
)
_AIM = 2.0
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class PlainResult:
    """How often the linker sees medicine where none is.

    Attributes:
        name: What the text is called.
        words: Words, as white space parts them.
        links: Mentions that were given an entity.
        frequent: The most frequent false links: the words in lower case, CURIE and name, and how often.
    """

    name: str
    words: int
    links: int
    frequent: tuple[tuple[str, str, int], ...]
    misses: tuple[Miss, ...] = field(default=(), repr=False)

    @property
    def per_thousand(self) -> float:
        """False links in 1,000 words."""
        return 1000 * self.links / self.words if self.words else 0.0

    def figures(self) -> list[Figure]:
        """Return the main figure."""
        return [Figure(f"{self.name}: false links in 1,000 words", self.per_thousand, _AIM, at_most=True)]

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        frequent = [{"text": text, "entity": entity, "count": count} for text, entity, count in self.frequent]
        return {"words": self.words, "links": self.links, "per_thousand": round(self.per_thousand, 3), "frequent": frequent}

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        lines = [f"{self.links} false links in {self.words} words: {self.per_thousand:.2f} in 1,000"]
        return "\n".join([*lines, *(f"{count:6} {text!r}: {entity}" for text, entity, count in self.frequent)])


def evaluate_plain_text(name: str, linker: Linker, texts: Sequence[str], watch: Watch[str]) -> PlainResult:
    """Link texts without medicine and count the links.

    Args:
        name: What the texts are called, in figures and misses.
        linker: Ours or a peer.
        texts: Paragraphs.
        watch: Shows how far it is.
    """
    misses = []
    seen: Counter[tuple[str, str]] = Counter()
    for text in watch(texts, name):
        for mention in linker.link(text):
            if mention.entity is not None:
                seen[mention.text.casefold(), shown(mention.entity)] += 1
                place = around(text, (mention.start, mention.end))
                misses.append(Miss(name, "false link", place, mention.text, (), shown(mention.entity), shown_candidates(mention)))
    frequent = tuple((text, entity, count) for (text, entity), count in seen.most_common(_SHOWN))
    return PlainResult(name, sum(len(text.split()) for text in texts), seen.total(), frequent, tuple(misses))


def read_paragraphs(path: Path) -> list[str]:
    """Read the paragraphs of a text file: lines, and empty ones are skipped.

    Raises:
        DatasetError: The file cannot be read, or holds no text.
    """
    try:
        paragraphs = [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable as UTF-8 text ({error}); expected paragraphs without medicine") from error
    if not paragraphs:
        raise DatasetError(f"{path}: holds no text; expected paragraphs without medicine")
    return paragraphs


def read_articles(path: Path) -> list[str]:
    """Read from a SQuAD file the paragraphs of the articles that have nothing to do with medicine, `ARTICLES`.

    Raises:
        DatasetError: The file cannot be read, or holds none of these articles.
    """
    from qa.training.squad import read_squad  # noqa: PLC0415 - brings the tokeniser in, which no other suite needs

    found = [article for article in read_squad(path, lenient=True).articles if article.title in ARTICLES]
    if not found:
        raise DatasetError(f"{path}: holds none of the articles without medicine; expected SQuAD's development set")
    return [paragraph.passage for article in found for paragraph in article.paragraphs]
