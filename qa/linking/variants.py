"""Names in other words: split, turned round, and told as a sentence, "my knee is swollen" for a swollen knee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from operator import add

from kg.surface import SurfaceNames
from qa.linking.anchors import SHORT_TEXT
from qa.linking.hits import FILLERS, MISSPELT, SPLIT, Hit
from qa.linking.reading import Reading
from qa.linking.spelling import Speller

_LONGEST_SPLIT, _SHORTEST_SPLIT = 4, 7
"""Words in the longest name of which one may be written as two, and letters in the shortest such word: "I use" is no IUS."""

_LONGEST_PART = 3
"""Words of a part of the body, "the back of my neck" aside, and of what is the matter with it."""

_POSSESSIVES = frozenset("my your his her their our".split())
_DETERMINERS = _POSSESSIVES | frozenset("the a an this that one both these those left right".split())
_PREPOSITIONS = frozenset("of in on to around at with from behind under inside near down all over across between".split())
# What joins a part of the body to what is the matter with it; "feels" is folded like a plural.
_JOINTS = frozenset(
    "is are was were be been being feel felt feeling look looking looked get getting got keep become becoming became go going gone went "
    "turn turned turning stay seem seemed ha have s re".split()
)
_ADVERBS = frozenset(
    "very really so too quite a bit little lot all always constantly constant often sometime still now extremely slightly been just also "
    "badly terribly awfully more and".split()
)
# These are verbs right behind the part: "my knee hurts".
_VERBS = frozenset("hurt ache itch swell burn bleed ring run water twitch peel shake".split())
# The state of a part of the body, as an adjective or a verb, folded, and the nouns that names have for it.
_STATES: dict[str, tuple[str, ...]] = {
    "swollen": ("swelling", "swollen", "edema"),
    "swell": ("swelling", "swollen"),
    "swelling": ("swelling", "swollen"),
    "puffy": ("swelling", "puffy", "swollen"),
    "hurt": ("pain", "ache", "painful"),
    "hurting": ("pain", "ache", "painful"),
    "sore": ("pain", "sore", "soreness"),
    "painful": ("pain", "painful"),
    "aching": ("pain", "ache", "aching"),
    "ache": ("pain", "ache", "aching"),
    "achy": ("pain", "ache", "aching"),
    "tender": ("tenderness", "tender", "pain"),
    "throbbing": ("pain", "throbbing"),
    "throb": ("pain", "throbbing"),
    "killing": ("pain",),
    "itch": ("itching", "itchy", "itch"),
    "itchy": ("itching", "itchy", "itch"),
    "itching": ("itching", "itchy", "itch"),
    "stiff": ("stiffness", "stiff"),
    "tight": ("tightness", "tight"),
    "numb": ("numbness", "numb"),
    "tingling": ("tingling", "tingly"),
    "tingle": ("tingling", "tingly"),
    "weak": ("weakness", "weak"),
    "red": ("redness", "red"),
    "dry": ("dryness", "dry"),
    "cracked": ("cracked", "cracking"),
    "burn": ("burning", "burn"),
    "burning": ("burning", "burn"),
    "bleed": ("bleeding",),
    "bleeding": ("bleeding",),
    "ring": ("ringing",),
    "ringing": ("ringing",),
    "buzz": ("buzzing", "ringing"),
    "buzzing": ("buzzing", "ringing"),
    "blocked": ("blocked", "blockage", "congestion", "stuffy"),
    "stuffed": ("blocked", "congestion", "stuffy"),
    "stuffy": ("stuffy", "congestion", "blocked"),
    "congested": ("congestion", "congested"),
    "running": ("runny", "running"),
    "run": ("runny",),
    "runny": ("runny",),
    "watering": ("watering", "watery"),
    "water": ("watering", "watery"),
    "watery": ("watery", "watering"),
    "shaking": ("shaking", "tremor", "shaky", "trembling"),
    "shake": ("shaking", "tremor", "shaky"),
    "shaky": ("shaking", "shaky", "tremor"),
    "trembling": ("trembling", "tremor", "shaking"),
    "twitch": ("twitching", "twitch"),
    "twitching": ("twitching", "twitch"),
    "cramp": ("cramp",),
    "cramping": ("cramp", "cramping"),
    "peel": ("peeling",),
    "peeling": ("peeling",),
    "racing": ("racing", "palpitation", "fast"),
    "pounding": ("pounding", "palpitation"),
    "fluttering": ("fluttering", "palpitation"),
    "bloated": ("bloating", "bloated"),
    "yellow": ("yellow", "yellowing"),
    "blurry": ("blurred", "blurry"),
    "blurred": ("blurred", "blurry"),
    "hoarse": ("hoarse", "hoarseness"),
    "crooked": ("crooked", "curved"),
    "droopy": ("drooping", "droopy"),
    "drooping": ("drooping", "droopy"),
    "droop": ("drooping", "droopy"),
    "spinning": ("spinning",),
    "cold": ("cold",),
    "heavy": ("heavy", "heaviness"),
    "irregular": ("irregular",),
    "late": ("late", "missed"),
    "missed": ("missed",),
    "painless": ("painless",),
    "upset": ("upset",),
    "rumbling": ("rumbling",),
    "clicking": ("clicking",),
    "thinning": ("thinning", "thin"),
    "falling": ("loss", "falling"),
    "fell": ("loss",),
    "brittle": ("brittle",),
    "lumpy": ("lump", "lumpy"),
    "infected": ("infection", "infected"),
    "inflamed": ("inflammation", "inflamed"),
    "inflammation": ("inflammation",),
    "broken": ("fracture", "broken"),
    "broke": ("fracture", "broken"),
    "fractured": ("fracture", "fractured"),
    "enlarged": ("enlarged", "enlargement"),
    "high": ("high",),
    "low": ("low",),
    "raised": ("high", "raised"),
}
_CANNOT = frozenset("cant cannot couldnt unable struggle struggling hard trouble difficulty problem difficult".split())
_UNABLE = ("cannot {}", "cant {}", "trouble {}", "difficulty {}", "inability to {}", "problem {}", "{} difficulty", "{} problem")
_TELLING = _POSSESSIVES | _PREPOSITIONS | _STATES.keys() | _CANNOT
_PENALTY = 0.05


def variants(reading: Reading, surface: SurfaceNames, speller: Speller) -> Iterator[Hit]:
    """Yield the curated names that stand in a text in other words; what only imported sources call so must stand there as it is.

    Args:
        reading: The text.
        surface: The names.
        speller: Knows the words that sound like another; asked in short texts only.
    """
    keys = reading.keys
    as_written = [reading.folded.get(at, key) for at, key in enumerate(keys)] if reading.folded else keys
    of_names = surface.curated_word_set
    for at, joined in enumerate(map(add, as_written, as_written[1:]), 1):
        if joined in of_names and len(joined) >= _SHORTEST_SPLIT:
            yield from _joined(keys, at, joined, surface)
    for at, key in enumerate(keys):
        if key not in _TELLING:  # most words: no call for them
            continue
        if key in _POSSESSIVES and at:
            yield from _possessive(reading, at, surface)
        if key in _PREPOSITIONS and at and keys[at - 1] in of_names:
            yield from _turned(keys, at, surface)
        if key in _STATES and at:
            yield from _told(keys, at, surface)
        if key in _CANNOT:
            yield from _cannot(keys, at, surface)
    for at, others in reading.bent.items():
        for other in others:
            yield from _instead(keys, at, at + 1, [other], surface, MISSPELT)
    if len(keys) <= SHORT_TEXT:
        yield from _alike(keys, [key in of_names for key in keys], surface, speller)


def _alike(keys: Sequence[str], known: Sequence[bool], surface: SurfaceNames, speller: Speller) -> Iterator[Hit]:
    """Yield names of which a word is written as another one: "hart attack", "urinary track infection"; by itself a word is what it is."""
    for at, key in enumerate(keys):
        beside = (at and known[at - 1]) or (at + 1 < len(keys) and known[at + 1])
        rare = not known[at] and surface.has_word(key) and not speller.is_english(key)
        if not beside and not rare:
            continue
        for other in speller.alike(key):
            for hit in _instead(keys, at, at + 1, [other], surface, MISSPELT):
                others = [word for word in keys[hit.first : hit.last] if word not in FILLERS and word != key]
                if others or (rare and len(key) > 4):
                    yield hit


def _instead(keys: Sequence[str], first: int, last: int, words: Sequence[str], surface: SurfaceNames, how: str) -> Iterator[Hit]:
    """Yield the names that take in the words at [first, last) when others stand in their place."""
    begin = max(0, first - _LONGEST_SPLIT)
    window = [*keys[begin:first], *words, *keys[last : last + _LONGEST_SPLIT]]
    place, shift = first - begin, (last - first) - len(words)
    for found in surface.curated_over(window, place, place + len(words)):
        yield Hit(begin + found.first, begin + found.last + shift, found.name, how=how)


def _joined(keys: Sequence[str], at: int, joined: str, surface: SurfaceNames) -> Iterator[Hit]:
    """Yield names of which one word is written as two: "heart burn", "over active thyroid"."""
    for hit in _instead(keys, at - 1, at + 1, [joined], surface, SPLIT):
        if hit.last - hit.first <= _LONGEST_SPLIT:
            yield hit


def _possessive(reading: Reading, at: int, surface: SurfaceNames) -> Iterator[Hit]:
    """Yield names in which "my" stands for "the": "patches in my mouth"."""
    for hit in _instead(reading.keys, at, at + 1, ["the"], surface, ""):
        if hit.first < at < hit.last - 1:
            yield hit


def _turned(keys: Sequence[str], at: int, surface: SurfaceNames) -> Iterator[Hit]:
    """Yield "knee pain" for "pain in my left knee", "breast cancer" for "cancer of the breast"."""
    behind = at + 1
    while behind < len(keys) and (keys[behind] in _DETERMINERS or keys[behind] in _PREPOSITIONS) and behind < at + 4:
        behind += 1
    # Names are made of their own words alone: the part ends before the first word that is in none.
    furthest, of_names = behind, surface.curated_word_set
    while furthest < min(len(keys), behind + _LONGEST_PART) and keys[furthest] in of_names:
        furthest += 1
    # Without a determiner between, the name as it stands is found as it is.
    forms = ("{part} {state}", "{state} of {part}", "{state} in {part}") if behind > at + 1 else ("{part} {state}",)
    for part_end in range(furthest, behind, -1):
        parts = _parts(keys[behind:part_end], keys[at + 1 : behind])
        for first in (at - 2, at - 1) if at > 1 and keys[at - 2] in of_names else (at - 1,):
            for part, state, form in product(parts, _nouns(keys[first:at]), forms):
                if surface.is_curated(name := form.format(part=part, state=state)):
                    yield Hit(first, part_end, name, _PENALTY, "in another order")


def _parts(part: Sequence[str], before: Sequence[str]) -> list[str]:
    side = [word for word in before if word in ("left", "right")]
    return [" ".join([*side, *part]), " ".join(part)] if side else [" ".join(part)]


def _told(keys: Sequence[str], at: int, surface: SurfaceNames) -> Iterator[Hit]:
    """Yield "swollen knee" for "my knee is swollen", "chest pain" for "my chest hurts", "ringing in the ears" for "ears are ringing"."""
    # "is swollen and red": the other states are looked at one by one, each back to the same part.
    before = at - 1
    while before > 0 and (keys[before] in _JOINTS or keys[before] in _ADVERBS or keys[before] in _STATES) and before > at - 6:
        before -= 1
    if before == at - 1 and keys[at] not in (
        "hurt",
        "ache",
        "itch",
        "swell",
        "burn",
        "bleed",
        "ring",
        "run",
        "water",
        "twitch",
        "peel",
        "shake",
    ):
        return  # "swollen" right behind the part is no sentence
    states = _STATES[keys[at]]
    for first in range(max(0, before - _LONGEST_PART + 1), before + 1):
        part = keys[first : before + 1]
        if part[0] in _DETERMINERS or part[0] in _PREPOSITIONS:
            continue
        for name in _namings([" ".join(part)], states):
            if surface.is_curated(name):
                yield Hit(first, at + 1, name, _PENALTY, "told as a sentence")


def _cannot(keys: Sequence[str], at: int, surface: SurfaceNames) -> Iterator[Hit]:
    """Yield "trouble breathing" for "I can't breathe" and "it is hard to swallow"."""
    behind = at + 1
    while behind < len(keys) and keys[behind] in ("to", "with", "seem", "get", "even", "really", "properly", "in"):
        behind += 1
    for end in range(min(len(keys), behind + 2), behind, -1):
        verb = " ".join(keys[behind:end])
        doing = _doing(keys[behind]) + (f" {keys[behind + 1]}" if end - behind > 1 else "")
        for pattern, word in product(_UNABLE, dict.fromkeys((verb, doing))):
            if surface.is_curated(name := pattern.format(word)):
                yield Hit(at, end, name, _PENALTY, "told as a sentence")


def _doing(verb: str) -> str:
    """Return the gerund of a verb: "breath" (as "breathe" and "breathes" are folded) and "swallow" give "breathing", "swallowing"."""
    if verb.endswith("ing"):
        return verb
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    if verb in ("get", "run", "sit", "stop"):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def _nouns(what: Sequence[str]) -> list[str]:
    """Return what is the matter, as names have it: "hurting" as "pain"; the words themselves first."""
    text = " ".join(what)
    last = _STATES.get(what[-1], ())
    return list(dict.fromkeys([text, *(" ".join([*what[:-1], noun]) for noun in last)]))


def _namings(parts: Sequence[str], states: Sequence[str]) -> Iterator[str]:
    for part, state in product(parts, states):
        yield f"{part} {state}"
        yield f"{state} {part}"
        yield f"{state} of {part}"
        yield f"{state} in {part}"
        yield f"{state} of the {part}"
        yield f"{state} in the {part}"
