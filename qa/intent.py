"""What a question asks for, read off its words: the form of the answer, the relations it names, the kind of thing it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from kg import vocabulary as v
from kg.model import Curie, Direction
from qa.intent_rules import Written, both, compiled, matching, one
from qa.intent_wide import BESIDE_NAMES, FOR_USE, THING
from qa.model import Form, Intent, Relation
from qa.wording import STATEMENT, WH, WHAT_IS_IT, YES_NO, YES_NO_INSIDE, asks_how_often, content

_IN, _OUT = Direction.IN, Direction.OUT


# What ails somebody may be an illness with that symptom, a cause, a medicine's side effect or a complication of something else.
_ORIGINS = {
    **one(v.CAUSES, _IN),
    **one(v.HAS_PHENOTYPE, _IN),
    **one(v.HAS_SIDE_EFFECT, _IN, 0.8),
    **one(v.HAS_COMPLICATION, _IN, 0.8),
    **one(v.PREDISPOSES, _IN, 0.5),
}
_EFFECTS = {
    **one(v.CAUSES, _OUT),
    **one(v.HAS_SIDE_EFFECT, _OUT),
    **one(v.HAS_COMPLICATION, _OUT),
    **one(v.HAS_PHENOTYPE, _OUT, 0.8),
    **one(v.PREDISPOSES, _OUT, 0.5),
}
_TREATED = one(v.TREATS, _IN)
_USES = {**one(v.TREATS, _OUT), **_TREATED, **one(v.PREVENTS, _OUT, 0.8), **one(v.DIAGNOSES, _OUT, 0.8)}
# What a medicine does to people who did not ask for it.
_CULPRITS = {**one(v.HAS_SIDE_EFFECT, _IN), **one(v.CAUSES, _IN, 0.8), **one(v.PREDISPOSES, _IN, 0.5)}
_TOGETHER = {**both(v.INTERACTS_WITH), **both(v.CONTRAINDICATED_IN)}
_UNSAFE = {**both(v.CONTRAINDICATED_IN), **both(v.INTERACTS_WITH)}

_PARENTS = r"(a |an |the |my |your |his |her |their |its |our |both |one |either )*(parents?|mothers?|fathers?|mums?|dads?|moms?|famil(y|ies)|generations?)"
_CHILDREN = r"(my |our |your |his |her |their |the |unborn )*(child|children|kids?|bab(y|ies)|sons?|daughters?|offspring)"

_PRODUCTS = (
    r"\b(drops?|creams?|ointments?|gels?|sprays?|inhalers?|patch(es)?|injections?|lotions?|shampoos?|syrups?|lozenges?|tablets?|pills?)"
)

# The first group of patterns that matches decides: the specific before the general ("side effects" before "effects", "treat" before "help").
_RULES: tuple[tuple[Written, ...], ...] = (
    (
        (r"side[- ]?[ae]ffects?|adverse|reactions? (to|from)|unwanted effect", both(v.HAS_SIDE_EFFECT)),
        (
            r"\b(what|which|any|are there) (\w+ )?(medicines?|medications?|meds|drugs?|tablets?|pills?)\b.*\b(causes?|caused|triggers?|brings? on|gives? (you|me|people|someone)|makes? (you|me|people|someone)|worsens?|makes? .* worse)\b(?!.* better)",
            _CULPRITS,
        ),
        (
            r"(medicines?|medications?|meds|drugs|tablets|pills|\w*killers?|remedies)\b.*\b(are|is) (dangerous|bad|unsafe|harmful|not safe|risky)\b",
            _UNSAFE,
        ),
        (r"^(?!.*\b(what|which|who)\b).*\b(safe|dangerous|harmful|risky)\b", _UNSAFE),
        (
            r"interact\w*|mix(ed|ing)?\b|together with|\btogether\W*$|combin\w+|at the same time|clash|(mess|react|go|goes) (badly )?with|don['’]?t (mix|go)",
            _TOGETHER,
        ),
        (
            r"(medicines?|medications?|meds|drugs|tablets|pills|\w*killers?|remedies)\b.*\b(avoid|steer clear|stay away|keep off|not (be )?tak\w+|shouldn['’]?t|can['’]?t)"
            r"|(avoid|steer clear of|stay away from) .*(medicines?|medications?|meds|drugs|tablets|pills)",
            _UNSAFE,
        ),
        (r"contra-?indicat\w*|what (can['’]?t|cannot|shouldn['’]?t|mustn['’]?t) .{1,40}?\b(take|have|use|eat|drink)\b", _UNSAFE),
        (
            r"(^|[.;?!]\s+|\b(what|which)\b[^.;?!]*,\s+)\W*(so |and |but )?who (should|must|can?)(n['’]?t| not|not) (take|use|have)|not safe|not suitable"
            r"|\bwhen (should|must|can?)(n['’]?t| not|not) (i|we|you|one|people|someone) (take|use|have)"
            r"|\bwhen (should|must|can) (i|we|you|one|people|someone) not (take|use|have)",
            both(v.CONTRAINDICATED_IN),
        ),
        (
            r"(?<!who )should(n['’]?t| not) (take|use|have)|avoid (taking|using)"
            r"|\bbe avoided\b|should (i|we|you|one|people) avoid\b(?! (getting|catching))"
            r"|(i|we|you|one|people) (should|must) avoid|not to (take|mix|use|combine)|(should|must|can) (i|we|you|one|people) not (take|use|have|eat|drink)|(can['’]?t|cannot|shouldn['’]?t|mustn['’]?t) (i|we|you|one|people) (take|use|have|eat|drink)",
            _UNSAFE,
        ),
        (r"can i (take|use|have) .*\bfor\b|(take|takes|give|gives) for\b", both(v.TREATS)),
        # "Can I take ibuprofen for my ulcer?" asks whether it helps and, unlike "what can I take for ...", whether it may be taken.
        (r"^(?!.*\b(what|which)\b).*\bcan i (take|use|have) .*\bfor\b", _UNSAFE),
        (
            r"complications?|lead to|leads to|turn into|long[- ]term (effect|problem|damage)\w*|what happens if .*untreated|if left untreated",
            both(v.HAS_COMPLICATION),
        ),
        (
            r"risk factors?|at risk|more likely to get|raises? (the|my|your) (risk|chance)|increases? (the|my|your) (risk|chance)|prone to|chances? of getting",
            both(v.PREDISPOSES),
        ),
        (
            r"prevent\w*|avoid (getting|catching)|protect\w*|vaccinat\w*|(is|are) there (a|an|any)? ?(vaccines?|jabs?)|(vaccines?|jabs?) (for|against)|immuni[sz]\w*|stop (myself )?(from )?(getting|catching)|keep from getting|ward off|lower (my|the|your) risk",
            both(v.PREVENTS),
        ),
        (
            r"diagnos\w*|\btests?\b|tested|\bscans?\b|find out (if|whether)|check (for|if)|detect\w*|confirm\w*|how (do|can|would) (doctors?|they|you) (know|tell)|what (does|do|can|will|might) .* (show|detect|reveal|pick up)\b",
            both(v.DIAGNOSES),
        ),
        (
            r"(which|what) (kind of |type of |sort of )?(doctor|specialist|clinic)|who (should|do) i see|see a specialist|specialist",
            both(v.MANAGED_BY),
        ),
        (
            r"contagious|infectious|catch(ing)?\b|caught|spread\w*|transmit\w*|transmission|passed on|pass it on",
            both(v.TRANSMITTED_BY),
        ),
        # "From your mother" may be by her genes or by her germs.
        (
            rf"\b(get|gets|got|getting|have|had|has|caught|catch|pass(ed|es)?( it| this)?( on| down)?|comes?|given|handed( down)?)\b.{{0,40}}?\b(from|by|through) {_PARENTS}\b"
            rf"|\bpass(es|ed|ing)?\b.{{0,60}}?\bto {_CHILDREN}\b|\bwill {_CHILDREN} (get|have|inherit)\b",
            {**both(v.HAS_INHERITANCE), **one(v.TRANSMITTED_BY, _OUT)},
        ),
    ),
    (
        (
            r"(what|which) (illness\w*|diseases?|conditions?|infections?|disorders?|sickness)|what (do|could|might) i have|what (could|might|can) (it|this|that|these) be|what have i got|what('s| is) wrong with me|a symptom of|symptoms? of what|sign of\b(?!s)",
            {**one(v.HAS_PHENOTYPE, _IN), **one(v.HAS_COMPLICATION, _IN, 0.5)},
        ),
        (
            r"symptoms?|signs?\b|feel like|how (do|can|would|will) i (know|tell)|what does .* (look|feel) like|recogni[sz]e",
            both(v.HAS_PHENOTYPE),
        ),
    ),
    (
        (
            r"(?<!un)treat\w*|cures?\b|cured|curing|remed\w+|therap\w+|get rid of|relie\w+|manage\w*|\b(what|which|any|best|good|recommended|usual|right|common) (\w+ )?(medicines?|medications?|meds|drugs?|pills?|tablets?)\b|heal\w*|what (can|should|could|to|must|do|might) ((i|we|you|one|he|she|they|(my|our) [\w ]{2,40}?) )?(take|use|do|give)\b|what to do|good for|help(s|ing)? (with|for|against|my|me)?|take for|\bworks? (for|on|against)|\bwhat (helps?|works|eases)\b|something for|first[- ]line|first choice|\b(reduces?|lowers?|brings? down|clears?( up)?|stops?(?!.* working))\b|\b(soothe|ease)s?\b",
            {**_TREATED, **one(v.TREATS, _OUT), **one(v.MANAGED_BY, _IN)},
        ),
        (rf"{_PRODUCTS} for\b(?!\W*$)", _TREATED),
    ),
    (
        (
            r"\bused?\b|\buses\b|prescrib\w*|\bfor\?*$|what('s| is| are) .* for\b|what (do|does) .* do\b|purpose|why (am|do|would|is) .*(take|taking|given|on)\b|point of",
            _USES,
        ),
    ),
    (
        (
            r"\bsafe\b|\b(may|could) (i|we|he|she|they|you) (take|use|have|drink)\b(?! for\b)|\bcan (?!it\b|this\b|that\b)(?:(?!\bfor\b).){1,60}?\b(take|use|drink|have|be (taken|used|given|drunk|had))\b(?! for\b)|ok(ay)? to|allowed|dangerous|harmful|alright to|all right to|should i (take|stop)",
            _UNSAFE,
        ),
        (r"\bwith\b.*\bor\b", {}),
    ),
    (
        (r"how (do|does|did|can) (you|i|people|someone|one) get\b", {**_ORIGINS, **one(v.TRANSMITTED_BY, _OUT)}),
        (r"mak\w+ .* worse|worsen\w*|aggravat\w*|flare\w*", {**one(v.PREDISPOSES, _IN), **one(v.CAUSES, _IN)}),
        (
            r"(?<!side )\baffects?\b|less effective|(stop|stops|keep|keeps) .* (from )?working|cancel out",
            {**_EFFECTS, **both(v.INTERACTS_WITH)},
        ),
        (
            r"what (can |could |might |may |would )?causes?\b|cause of|causes of|caused by|reasons? for|why (do|does|did|am|is|are|have|has)|bring\w* on|trigger\w*|come from|due to|what gives|how (do|does|did|can) (you|i|people|someone|one) get",
            _ORIGINS,
        ),
        (
            r"^(?!.*\b(what|whats|which \w+) ((can|could|might|may|would|will|usually|normally|actually) )?(cause|causes|gives|brings|is the cause|are the causes)\b).*(cause|causes|\braises?\b|make\w* (me|you|people|one)|give\w* (me|you|people)|result in|effects? of|do to)",
            {**_EFFECTS, **_ORIGINS},
        ),
    ),
    (
        (r"(kinds?|types?|forms?|sorts?|varieties) of", both(v.SUBCLASS_OF)),
        (r"^(is|are)\b .*\b an? ", both(v.SUBCLASS_OF)),
    ),
    # A medicine's name may hold these ("the pill", "iron tablets"), so they say something only where nothing else does.
    ((r"\b(medicines?|medications?|meds?|drugs?|pills?|tablets?)\b", {**_TREATED, **one(v.TREATS, _OUT)}),),
)
_COMPILED = tuple(map(compiled, _RULES))

# "Yes" to these says that the relation holds; "yes" to "is it safe" would say the opposite.
_CONFIRMS = re.compile(
    r"\b(do|does|will|would|could|can) .*\b(interact|clash|react)|\b(is|are) .*contra-?indicated|should .*be avoided", re.IGNORECASE
)

_ASKS_LEAVE = re.compile(r"\b(can|could|may|should) (i|we|he|she|they|my \w+)\b|\b(safe|ok|okay|fine)\b", re.IGNORECASE)

# Wordings of a list that ask in one direction only: "symptoms of jaundice" does not want the illnesses that it is a symptom of.
_ONE_WAY: tuple[tuple[re.Pattern[str], Relation], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), Relation(predicate, unwanted))
    for pattern, predicate, unwanted in (
        (
            r"\b(symptoms|signs)\b(?! of what)|symptoms? of|feel like|recogni[sz]e|look like|how (do|can|would|will) i (know|tell)",
            v.HAS_PHENOTYPE,
            _IN,
        ),
        (
            r"complications? (of|from)|what (can|does|could|might|may|will) .* (lead|turn|develop) (in)?to|untreated",
            v.HAS_COMPLICATION,
            _IN,
        ),
        (r"what (can |could |might |may )?(leads?|turns?) (in)?to", v.HAS_COMPLICATION, _OUT),
        (r"risk factors?|at risk|prone to|more likely to get|chances? of getting", v.PREDISPOSES, _OUT),
        (r"side[- ]?[ae]ffects? of", v.HAS_SIDE_EFFECT, _IN),
        (rf"(kinds?|types?|forms?|sorts?|varieties) of(?! {THING} (is|are|does|do)\b{FOR_USE})", v.SUBCLASS_OF, _OUT),
    )
)
# "Viral infections" and "acute gout" are narrower than what is linked; a "cure" is more than a help.
_NARROW = re.compile(
    r"\b(viral|virus|bacterial|fungal|acute|chronic|severe|mild|early|late|advanced|end[- ]stage|congenital|every|any|all|always|cures?|cured|curing"
    # "No" to these would say the opposite of what is meant.
    r"|wrong|useless|myth|bad|waste|pointless|fails?|no good|no use)\b",
    re.IGNORECASE,
)

# "What does warfarin interact with?" wants what it is taken with, not whom it harms; "what does not go with warfarin" may want both.
_FOODS = re.compile(r"\b(what|which) (foods?|drinks?|fruits?|juices?)\b", re.IGNORECASE)
_INTERACTS = re.compile(r"\binteract", re.IGNORECASE)

_CATEGORY_WORDS: tuple[tuple[re.Pattern[str], frozenset[Curie]], ...] = (
    (
        re.compile(r"\b(which|what) (illness\w*|diseases?|conditions?|infections?|disorders?|sickness)", re.IGNORECASE),
        frozenset({v.DISEASE}),
    ),
    (
        re.compile(r"\b(which|what) ([a-z]+ )?(medicines?|medications?|meds?|drugs?|pills?|tablets?)\b", re.IGNORECASE),
        frozenset({v.DRUG, v.DRUG_CLASS}),
    ),
    (re.compile(r"\bvaccin\w*|\bjabs?\b", re.IGNORECASE), frozenset({v.DRUG, v.DRUG_CLASS})),
)
_QUALIFIER_WORDS: tuple[tuple[re.Pattern[str], Mapping[str, str]], ...] = (
    (
        re.compile(r"\b(serious|severe|dangerous|worst|bad) (side|adverse|reaction)", re.IGNORECASE),
        MappingProxyType({"seriousness": "serious"}),
    ),
    (re.compile(r"\b(common|usual|typical) (side|adverse|reaction)", re.IGNORECASE), MappingProxyType({"frequency": "common"})),
    (
        re.compile(r"\b(first[- ]line|first choice|best|main|usual) (treatment|medicine|drug|medication)", re.IGNORECASE),
        MappingProxyType({"line": "first"}),
    ),
)


def read_intent(question: str, entities: int, rest: str = "", beside: str = "") -> Intent:
    """Return what a question asks for.

    Args:
        question: The question, cleaned.
        entities: How many entities were found in it.
        rest: The question without what names them: a definition is asked for where hardly anything is left.
        beside: The question without the names of conditions, medicines and the like; habits and circumstances ("genetic") stay.

    >>> intent = read_intent("What are the symptoms of gout?", 1)
    >>> intent.form.value, sorted(r.direction.value for r in intent.relations)
    ('list', ['out'])
    """
    relations = _relations(question, beside or rest or question)
    if entities > 1 and not relations and asks_how_often(question):
        relations = {**both(v.HAS_PHENOTYPE), **both(v.HAS_SIDE_EFFECT), **both(v.HAS_COMPLICATION)}
        return Intent(Form.YES_NO, relations)
    yes_no = bool(YES_NO.search(question)) or (not WH.search(question) and bool(YES_NO_INSIDE.search(question)))
    if yes_no:
        form = Form.YES_NO
    elif not relations and entities == 1 and not STATEMENT.search(question) and (not content(rest) or WHAT_IS_IT.search(question)):
        form = Form.DEFINITION
    else:
        form = Form.LIST
    if _FOODS.search(question) and any(r.predicate == v.INTERACTS_WITH for r in relations):
        return Intent(form, both(v.INTERACTS_WITH), frozenset({v.EXPOSURE}))
    if form is Form.LIST and _INTERACTS.search(question):
        relations = {r: 0.0 if r.predicate == v.CONTRAINDICATED_IN else weight for r, weight in relations.items()}
    if form is Form.LIST:
        unwanted = {relation for pattern, relation in _ONE_WAY if pattern.search(question)}
        relations = {r: weight for r, weight in relations.items() if r not in unwanted} or relations
    categories: frozenset[Curie] = next((c for pattern, c in _CATEGORY_WORDS if pattern.search(question)), frozenset())
    qualifiers = next((q for pattern, q in _QUALIFIER_WORDS if pattern.search(question)), None)
    confirms = yes_no and bool(_CONFIRMS.search(question)) and not _ASKS_LEAVE.search(question)
    return Intent(form, relations, categories, qualifiers, confirms, narrow=bool(_NARROW.search(rest or question)))


def _relations(question: str, rest: str) -> dict[Relation, float]:
    """Return the relations that the first group with a match names; several rules of a group add up.

    Args:
        question: The question.
        rest: The question without what names things.
    """
    found = matching(BESIDE_NAMES, rest)
    for group in _COMPILED:
        for relation, weight in matching(group, question).items():
            found[relation] = max(weight, found.get(relation, 0.0))
        if found:
            return found
    return {}
