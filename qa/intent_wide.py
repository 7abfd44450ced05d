"""How people ask for what ontologies and imported sources state: inheritance, genes, roles, places in the body, what binds what.

These rules add to the first group of `qa.intent`. They are read in what a question says beside the names of things, of which many hold
such words: hereditary angioedema, gene therapy, age-related macular degeneration. The technical ones ask for a word that patients have no
use for, so that they take no ordinary question away from the rules for those.
"""

from __future__ import annotations

from kg import vocabulary as v
from kg.model import Direction
from qa.intent_rules import both, compiled, one

_IN, _OUT = Direction.IN, Direction.OUT

THING = (
    r"(medicines?|medications?|meds|drugs?|tablets?|pills?|antibiotics?|painkillers?|substances?|chemicals?"
    r"|diseases?|conditions?|disorders?|illness(es)?|infections?|cancers?)"
)

_ACHES = r"\b(hurts?|aches?|pain\w*|swells?|swollen|itch\w*|sore)\b"
_PRODUCTS = r"\b(genes?|proteins?|enzymes?|pathways?)\b"
_CHANGE = r"\b(affect(s|ed)?|inhibit(s|ed)?|activat(es?|ed))\b"
_REGULATE = r"(?<!-)\bregulat(es?|ed|ors?)\b"
_PLACES = r"\b(genes?|proteins?|tissues?|organs?)\b"
_WHICH = r"\b(what|which)( (?!symptoms?|signs?|side)\w+){0,2}"
FOR_USE = r"(?! (there|used|given|best|good|taken|needed|safe|prescribed|help|treat|work|available|allowed))"

BESIDE_NAMES = compiled(
    (
        (
            r"\b(un)?inherit(s|ed|able|ance|ing)?\b|\b(hereditary|heritable|familial)\b|\bgenetic(s|ally)?\b(?! (test|counsel|screen))"
            r"|\brun(s|ning)? in (\w+ )?famil(y|ies)\b|\bpassed down\b|\bin (the|my|our|your|his|her|their) genes\b",
            both(v.HAS_INHERITANCE),
        ),
        (
            rf"\b(what|which) (kind|type|sort|class|group|family|category) of {THING} (is|are|does|do)\b{FOR_USE}"
            rf"|\b(what|which) (class|group|family|category)( of {THING})?\b.*\bbelongs?\b",
            {**one(v.SUBCLASS_OF, _OUT), **one(v.HAS_ROLE, _OUT, 0.5)},
        ),
        (
            r"\b(what|which) (drug |medicine )?(class|group|family|category|kind|type|sort) (is|are)\s"
            r"|\b(drug|medicine) (class|group|family) of\s",
            one(v.SUBCLASS_OF, _OUT),
        ),
        # Nothing but names beside it: "which medicines are SSRIs?", "what painkiller is not an NSAID?", "name some beta blockers".
        (
            rf"^\W*(what|which)(\s+{THING}|\s{{4,}}|(?=\s+(is|are)(n['’]t|\s+not)\s))\s*(is|are)(n['’]t|\s+not)?\s+((an?|the)\s+)?\W*$"
            r"|^\W*(can you |please )*((name|list|give)( me)?|(give me )?(a )?list of)( a list of)?( some| the| all| a few| any)?"
            r"( examples of)?\s{4,}\W*$",
            one(v.SUBCLASS_OF, _IN),
        ),
        # "What role does stress play in asthma?" asks for no role of a substance.
        (
            r"\b(chemical|biological|pharmacological) (roles?|applications?)\b|\bacts? as\b|\broles? (of|does|has|do)\b(?!.*\bin\b)",
            both(v.HAS_ROLE),
        ),
        (
            rf"\b(what|which) (parts? of (the|your|my|his|her|our) body|body parts?|organs?)\b(?!.*{_ACHES})"
            rf"|\bwhere in (the|your|my) body\b(?!.*({_ACHES}|\bexpress|\bactive\b))",
            both(v.HAS_LOCATION),
        ),
        (
            r"\b(what|which) (conditions?|diseases?|disorders?|illness(es)?) (can |may )?(affect|attack|involve)s?\b",
            one(v.HAS_LOCATION, _IN),
        ),
        (
            r"\bgenes?\b(?! (therap|test|express))"
            r"|\bmutations? (that )?(causes?|behind|leads?|linked|of|for)\b|\b(which|what) mutations?\b",
            both(v.GENE_OF_CONDITION),
        ),
        (rf"{_WHICH} (is|are) parts? of\b|\bwhat are the parts of\b|\bwhat (is|are)\b.*\bparts? of\W*$", both(v.PART_OF)),
        (r"\bbinds?\b(?! (me|you|him|her|us) )|\bbound (by|to)\b|\b(molecular|drug|protein) targets?\b", both(v.BINDS)),
        (r"\bphysically (interacts?|touch(es)?|binds?)\b|\bprotein[- ]protein\b|\binteraction partners?\b", both(v.PHYSICALLY_INTERACTS)),
        (rf"\b(up|down)[- ]?regulat\w+|{_PRODUCTS}.*{_CHANGE}|{_CHANGE}.*{_PRODUCTS}", both(v.AFFECTS)),
        (rf"\b(genes?|proteins?)\b.*{_REGULATE}|{_REGULATE}.*\b(genes?|proteins?)\b", both(v.REGULATES)),
        (
            rf"{_PLACES}.*\b(express(es|ed)?|active)\b|\bexpress(es|ed)?\b.*{_PLACES}"
            r"|\bwhere\b.*\bexpressed\b(?! (breast )?milk)|\bgene expression\b",
            both(v.EXPRESSES),
        ),
        (
            r"\b(which|what) (\w+ )?(pathways?|processes|molecular functions?|cellular components?)\b"
            r"|\b(genes?|proteins?)\b.*\b(takes? part|participates?) in\b|\b(takes? part|participates?) in (which|what)\b",
            both(v.PARTICIPATES_IN),
        ),
        (r"\bcorrelat(e|es|ed|ion|ions)\b|\bvar(y|ies) together\b", both(v.CORRELATED_WITH)),
        (rf"{_WHICH} (resembles?|(is|are) (most )?similar to)\b|\bwhat (does|do)\b.*\bresemble\b", both(v.SIMILAR_TO)),
        (
            r"\bchemically (similar|alike|related|like)\b|\bsimilar (chemical )?structures?\b|\bstructurally (similar|alike|related)\b",
            both(v.CHEMICALLY_SIMILAR),
        ),
        (r"\b(what|which|everything|all)( (?!symptoms?|signs?)\w+){0,2} (is |are |that is |that are )?related to\b", both(v.RELATED_TO)),
    )
)
