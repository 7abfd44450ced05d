"""Identifiers for things that a source names and does not number."""

from __future__ import annotations

import hashlib
import re

from kg.model import Curie

_BETWEEN_WORDS = re.compile(r"[\s\-'’,.()/]+")
_OTHER = re.compile(r"[^\w-]+")


def local_curie(source: str, name: str) -> Curie:
    """Return the identifier that stands for a name within a source; the same for the same name, whatever its case.

    Punctuation between words does not tell two names apart; of other signs a digest is kept.

    >>> local_curie("clinic", "Type 2 diabetes"), local_curie("clinic", "type-2 diabetes")
    ('medkg:clinic-type-2-diabetes', 'medkg:clinic-type-2-diabetes')
    >>> local_curie("clinic", "CD4+ count") == local_curie("clinic", "CD4 count")
    False
    """
    words = _BETWEEN_WORDS.sub("-", name.casefold()).strip("-")
    slug = _OTHER.sub("", words)
    if slug != words:
        slug += "-" + hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Curie(f"medkg:{source}-{slug}")
