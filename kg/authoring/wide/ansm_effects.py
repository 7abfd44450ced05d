"""Says in plain English what an interaction of the ANSM thesaurus does, told from its French text by tables that a clinician can review.

What happens to the person is told by `effects.tsv`. Where that table finds nothing, what happens to one of the two medicines is told by
the forms below, and only where the text names that medicine. Nothing is said where the text says the opposite, or both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import DataError
from kg.sources.tsv import rows

MOST = 2
"""How many effects are stated of one interaction."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of `effects.tsv`.

    Attributes:
        pattern: A regular expression over the text as `spelling` gives it.
        text: What happens; empty where such a text says nothing that is certain.
        about: What it is about, such as potassium; empty where nothing can contradict it.
        way: Which way that goes; two ways in one text contradict each other.
    """

    pattern: re.Pattern[str]
    text: str
    about: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two that interact.

    Attributes:
        english: What it is called in the graph.
        forms: What it is called in French texts, as `spelling` and `_singular` give it.
    """

    english: str
    forms: Collection[str]


def spelling(text: str) -> str:
    """Return a French text without what differs between its spellings: case, accents, kinds of apostrophes, blanks at broken lines.

    >>> spelling("BÊTA- BLOQUANTS  (sauf l’esmolol)")
    "beta-bloquants (sauf l'esmolol)"
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    plain = re.sub("[’‘`]", "'", plain.replace("œ", "oe"))
    return " ".join(re.sub(r"-\s+(?=\w)", "-", re.sub(r"\b([dl])'\s+", r"\1'", plain)).split())


def read_effects(path: Path) -> list[Effect]:
    """Read the table of effects; an earlier row is preferred to a later one about the same.

    Raises:
        DataError: The file cannot be read, or a pattern is no regular expression; with file and line.
    """
    found = []
    for line, row in rows(path, ("pattern", "effect", "about", "way")):
        if not row["pattern"]:
            raise DataError(path, line, "the row has no pattern")
        try:
            found.append(Effect(re.compile(row["pattern"]), row["effect"], row["about"], row["way"]))
        except re.error as error:
            raise DataError(path, line, f"{row['pattern']!r} is no regular expression: {error}") from error
    return found


def party(french: str, english: str) -> Party:
    """Return one of the two that interact, with the forms in which texts name it.

    >>> sorted(party("valproïque (acide) et, par extrapolation, valpromide", "valproate").forms)
    ['acide valproique', 'valproique']
    """
    name = spelling(french)
    bare = re.sub(r",? et, par extrapolation,.*|\s*\(.*?\)", "", name).strip()
    forms = [bare, *_CALLED.get(bare, ())]
    if turned := re.match(r"([\w' -]+) \((acide|[\w' ]+ de)\)", name):
        forms.append(f"{turned[2]} {turned[1]}")
    if alone := re.search(r"\((\w+s)\)$", name):
        forms.append(alone[1])
    if (parts := bare.split(" + ")) != [bare]:
        forms = ["bitherapie", "/".join(parts), *(f"{parts[0]} et {of}{parts[1]}" for of in ("d'", "de "))]
    return Party(english, frozenset(map(_singular, forms)))


def effect_of(mechanism: str, parties: Sequence[Party], effects: Sequence[Effect]) -> str:
    """Return what happens, or an empty text where that is not certain.

    Args:
        mechanism: The thesaurus's own text.
        parties: The two that interact.
        effects: The table.
    """
    text = spelling(mechanism)
    if any(not effect.text and effect.pattern.search(text) for effect in effects):
        return ""
    found: list[tuple[str, str, str]] = []
    for effect in effects:
        match = effect.pattern.search(text) if effect.text else None
        if match is not None:
            if _OPPOSITE.search(text[: match.start()]):
                return ""
            found.append((effect.text, effect.about, effect.way))
    return _settled(found or list(_of_a_party(_singular(text), parties)))


def _settled(found: Sequence[tuple[str, str, str]]) -> str:
    """Return the first effects, one of each that they are about; nothing where two of them go opposite ways."""
    ways: dict[str, str] = {}
    stated: list[str] = []
    for text, about, way in found:
        if ways.get(about, way) != way:
            return ""
        if about not in ways:
            stated.append(text)
        if about:
            ways[about] = way
    listed = stated[:MOST]
    return ("; " if any(" and " in text for text in listed) else " and ").join(listed)


# "Lower risk of ..." just before what was found.
_OPPOSITE = re.compile(
    r"\b(diminution|diminue|baisse|reduction|reduit|moindre|sans|absence|prevention|pas)( \w+)?"
    r"( de la| de l'| d[eu]s?| d'| le| la)?( risque)?( de la| de| du| d')?\s?$"
)


def _singular(text: str) -> str:
    return re.sub(r"(?<=\w{3})s\b", "", text)


_ARTICLE = r"(?:d'|de |du |de la |de l'|des |le |la |l'|les )+"
_UP = r"(?:augmentation|majoration|elevation|doublement|quadruplement|accroissement|majore|accru)"
_DOWN = r"(?:diminution|baisse|reduction)"
# A few words between, none of which turns the meaning.
_GAP = r"(?:(?!diminution|augmentation|metabolisme|absorption|elimination|clairance|effet inducteur)[^.;]){0,70}?"
_NEAR = r"(?:(?!diminution|augmentation|metabolisme|absorption|inducteur|indesirable| et )[^.;,]){0,40}?"
_WORDS = r"(?: (?!par\b|de\b|du\b|des\b|la\b|le\b|indesirable)[a-z-]+){0,2}? "
_EFFECT = rf"\b(?:efficacite|effet|activite|action)(?! indesirable){_WORDS}{_ARTICLE}X"
_WITH = r"(?: et (?:de l'efficacite|risque de baisse de l'efficacite))?"
_LEVEL = rf"\bconcentration(?: plasmatique| sanguine| minimale)*{_WITH} "
_LOSS = re.compile(
    r"(?:moindre|perte|baisse|diminution|retentissement|reduction)[^.;,]{0,30}(?:efficacite|effet therapeutique|de s(?:es|on) effet)"
    r"|et (?:par consequent )?de (?:l'|son )efficacite|inefficacite|echec (?:du traitement|therapeutique)"
)
_TOXIC = re.compile(r"surdosage|toxique|de la toxicite|de sa toxicite")
_SIDE_EFFECTS = re.compile(r"effet indesirable")

# What happens to X, which way, and the forms of texts that say so; the earlier is preferred.
_FORMS: Sequence[tuple[str, str, str]] = (
    ("{x} can build up to harmful levels", "up", rf"\bsurdosage (?:en|par augmentation des) (?:{_LEVEL}{_ARTICLE})?X"),
    ("more side effects of {x}", "up", rf"{_UP}{_GAP}effet indesirable(?:(?! par | lors )[^.;]){{0,60}}? {_ARTICLE}X"),
    ("more harmful effects of {x}", "up", rf"{_UP}{_GAP}toxicite{_WORDS}{_ARTICLE}X"),
    ("stronger effect of {x}", "up", rf"(?:{_UP}|potentialisation){_NEAR}{_EFFECT}"),
    ("higher level of {x}", "up", rf"{_UP}{_GAP}{_LEVEL}{_ARTICLE}X"),
    ("poorer absorption of {x}", "down", rf"{_DOWN}{_NEAR}(?:absorption|biodisponibilite)(?: digestive| intestinale)? {_ARTICLE}X"),
    ("weaker effect of {x}", "down", rf"(?:{_DOWN}|moindre|perte|inhibition){_NEAR}{_EFFECT}"),
    ("weaker effect of {x}", "down", rf"(?:inefficacite|absence d'effet) {_ARTICLE}X"),
    ("lower level of {x}", "down", rf"{_DOWN}{_GAP}{_LEVEL}{_ARTICLE}X"),
)

# What texts call groups, where it is neither their name nor its singular.
_CALLED: Mapping[str, Sequence[str]] = {
    "androgenes": ("androgene",),
    "antagonistes des canaux calciques": ("antagoniste du calcium", "antagoniste des canaux calciques"),
    "antiarythmiques classe ia": ("antiarythmique",),
    "anticonvulsivants inducteurs enzymatiques": ("anticonvulsivant",),
    "anticonvulsivants metabolises": ("anticonvulsivant",),
    "antipurines": ("immunomodulateur",),
    "corticoides metabolises, notamment inhales": ("corticoide",),
    "estrogenes non contraceptifs": ("estrogene",),
    "estroprogestatifs contraceptifs": ("contraceptif hormonal", "estroprogestatif"),
    "fluorouracile": ("fluoro-uracile",),
    "glucocorticoides": ("corticoide",),
    "immunosuppresseurs": ("immunodepresseur",),
    "inhibiteurs de la phosphodiesterase de type 5": ("ipde5",),
    "inhibiteurs de proteases boostes par ritonavir": ("inhibiteur de protease",),
    "inhibiteurs de tyrosine kinases metabolises": ("inhibiteur de tyrosine kinase",),
    "pioglitazone": ("glitazone",),
    "progestatifs contraceptifs": ("progestatif",),
    "progestatifs non contraceptifs, associes ou non a un estrogene": ("progestatif",),
    "substrats a risque du cyp3a4": ("substrat",),
    "tenofovir disoproxil": ("tenofovir",),
    "vinca-alcaloides cytotoxiques": ("vinca-alcaloide", "antimitotique"),
}


def _of_a_party(text: str, parties: Sequence[Party]) -> Iterator[tuple[str, str, str]]:
    for said, way, form in _FORMS:
        for one in parties:
            names = "|".join(sorted(map(re.escape, one.forms), key=len, reverse=True))
            if re.search(form.replace("X", rf"(?:{names})\b(?![-/])"), text):
                yield _sharpened(said, text).format(x=one.english), f"level of {one.english}", way


def _sharpened(said: str, text: str) -> str:
    """Return what is said of a level, with what the text says of its consequence without naming the medicine again."""
    if said.startswith("higher level"):
        if _TOXIC.search(text):
            return "{x} can build up to harmful levels"
        if _SIDE_EFFECTS.search(text):
            return "higher level and more side effects of {x}"
    if said.startswith("lower level") and _LOSS.search(text) and "sans modification" not in text:
        return "weaker effect of {x}"
    return said
