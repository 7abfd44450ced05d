"""How patients word what a graph names: a few safe rewritings of a name, for training.

"chest tightness" is also said "my chest feels tight", "swelling of the ankle" also "my ankles are swollen", and any symptom can
stand in "I have ...". Only names that are wholly of one of these forms are rewritten: a part of the body and a complaint, both
from the tables below.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

FRAMES = (
    "my {}",
    "I have {}",
    "I've got {}",
    "I keep getting {}",
    "I get {}",
    "I have had {} for days",
    "I suffer from {}",
    "my {} is getting worse",
    "a lot of {}",
    "bad {}",
    "having {}",
)
"""What patients put around the name of a complaint."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint of a part of the body: its noun, its adjective, and what the part does then, in the singular and in the plural."""

    noun: str
    adjective: str
    does: tuple[str, str]


COMPLAINTS = (
    Complaint("pain", "painful", ("hurts", "hurt")),
    Complaint("ache", "aching", ("aches", "ache")),
    Complaint("tightness", "tight", ("feels tight", "feel tight")),
    Complaint("swelling", "swollen", ("is swollen", "are swollen")),
    Complaint("stiffness", "stiff", ("feels stiff", "feel stiff")),
    Complaint("weakness", "weak", ("feels weak", "feel weak")),
    Complaint("numbness", "numb", ("feels numb", "feel numb")),
    Complaint("soreness", "sore", ("is sore", "are sore")),
    Complaint("tenderness", "tender", ("is tender", "are tender")),
    Complaint("redness", "red", ("is red", "are red")),
    Complaint("itching", "itchy", ("itches", "itch")),
    Complaint("itchiness", "itchy", ("is itchy", "are itchy")),
    Complaint("dryness", "dry", ("feels dry", "feel dry")),
    Complaint("tingling", "tingling", ("tingles", "tingle")),
    Complaint("burning", "burning", ("burns", "burn")),
    Complaint("bleeding", "bleeding", ("bleeds", "bleed")),
    Complaint("trembling", "trembling", ("trembles", "tremble")),
    Complaint("twitching", "twitching", ("twitches", "twitch")),
)

PLURALS = {
    part: part + "s"
    for part in (
        "ankle arm back belly breast calf cheek chest chin ear elbow eye eyelid face finger foot forehead groin gum hand head heel hip "
        "jaw joint knee leg lip mouth muscle nail neck nipple nose palm penis pelvis rib scalp shin shoulder skin stomach tendon testicle "
        "thigh throat thumb toe tongue tooth tummy vagina wrist"
    ).split()
} | {"calf": "calves", "foot": "feet", "tooth": "teeth", "belly": "bellies", "tummy": "tummies", "penis": "penises", "pelvis": "pelvises"}
"""Parts of the body, and more than one of them."""

_SINGULARS = {plural: part for part, plural in PLURALS.items()}
_BY_NOUN = {complaint.noun: complaint for complaint in COMPLAINTS}
_BY_ADJECTIVE = {complaint.adjective: complaint for complaint in reversed(COMPLAINTS)}
_FORMS = (
    re.compile(r"(?P<part>[a-z]+) (?P<noun>[a-z]+)"),
    re.compile(r"(?P<noun>[a-z]+) (?:of|in) (?:the |my )?(?P<part>[a-z]+)"),
    re.compile(r"(?P<adjective>[a-z]+) (?P<part>[a-z]+)"),
)


def rewordings(name: str) -> list[str]:
    """Return other wordings of a complaint of a part of the body; none for any other name.

    >>> rewordings("Chest tightness")[:3]
    ['chest tightness', 'tight chest', 'tightness in my chest']
    >>> "my ankles are swollen" in rewordings("swelling of the ankle"), rewordings("neuropathic pain")
    (True, [])
    """
    for form in _FORMS:
        match = form.fullmatch(name.lower())
        if match is None:
            continue
        said = match.groupdict()
        part = _SINGULARS.get(said["part"], said["part"])
        complaint = _BY_NOUN.get(said.get("noun", "")) or _BY_ADJECTIVE.get(said.get("adjective", ""))
        if complaint is not None and part in PLURALS:
            return list(_wordings(part, PLURALS[part], complaint))
    return []


def _wordings(part: str, parts: str, complaint: Complaint) -> tuple[str, ...]:
    return (
        f"{part} {complaint.noun}",
        f"{complaint.adjective} {part}",
        f"{complaint.noun} in my {part}",
        f"my {part} {complaint.does[0]}",
        f"my {parts} {complaint.does[1]}",
        f"{complaint.adjective} {parts}",
        f"{complaint.noun} of the {part}",
        f"my {part} is really {complaint.adjective}",
    )


def patient_wording(name: str, chance: random.Random) -> str:
    """Return a wording of a complaint's name as a patient may say it: the name reworded where it can be, or in a frame."""
    others = rewordings(name)
    if others and chance.random() < 0.7:
        return chance.choice(others)
    # "Chest pain" in the middle of a sentence, but "MS" and "Parkinson's" as they are.
    inner = name[:1].lower() + name[1:] if name[1:].islower() else name
    return chance.choice(FRAMES).format(inner)
