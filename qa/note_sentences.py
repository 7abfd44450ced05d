"""Where the sentences of a note begin and end, and under which heading each of them stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# A run of marks is read from its first one only, and no run of spaces before a line's end, so that any text takes linear time.
_END = re.compile(
    r"""(?P<stop>(?<![.?!。！？؟])[.?!。！？؟]+)["'”’)\]]*(?:\s+|\Z)  # a mark before a space
    |(?<=[a-z]{2})(?P<tight>[.?!])(?=[A-Z][a-z])                    # or none, where the space was forgotten
    |(?P<line>[\n\r]\s*)|(?P<bullet>[•▪●◦‣])""",
    re.VERBOSE,
)
_BULLETS = " \t\r\n-*+("
_NEVER_LAST = frozenset("dr mr mrs ms prof st sr jr vs v e.g i.e eg ie cf approx ca resp incl esp pt pts no nos fig figs vol tel".split())
_MAYBE_LAST = frozenset(
    "etc al a.m p.m q.d b.i.d t.i.d q.i.d p.o p.r.n q.h.s h.s i.v i.m s.c o.d o.s o.u m.d ph.d u.s "
    "hr hrs wk wks yr yrs mo min max ref dept temp".split()
)
_WORD_BEFORE = re.compile(r"[\w.]*\Z")
_OPENS_LINE = re.compile(r"\s*(?:[-*+•▪●◦‣–—]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
_GOES_ON = re.compile(
    r"(?:[,/&(]|\b(?:and|or|nor|of|the|a|an|with|without|no|not|for|to|in|on|by|from|any|has|have|had|is|was|are|were|denies|denied|her|his|my))\Z",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[\s\d.)(*•#–-]*(?P<name>[^\W\d_][\w /&,'’-]{1,45}?)[ \t]*:")
_OWNER = re.compile(r"(?:the |his |her |their |my |patient'?s? )+")
_WRAPPED, _LONG = 30, 55
"""Characters from which on a line may have been broken for its length: before a small letter, and before any."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as a half-open range of characters.

    Attributes:
        start: First character; sentences follow each other without a gap.
        end: One past the last.
        body: Where it begins behind the words of the heading that opens it, if one does.
        section: What the heading of its section says of it, such as "family"; None, nothing.
    """

    start: int
    end: int
    body: int
    section: str | None = None


def sentences(text: str, headings: Mapping[str, str | None]) -> list[Sentence]:
    """Cut a note into sentences, which together cover it; list items and lines that are no wrapped text stand alone.

    A section lasts until the next heading, or until an empty line below its text.

    Args:
        text: A note, with its lines; a question will do.
        headings: The known headings in small letters, with what each says of what stands below it.

    >>> [(s.start, s.end) for s in sentences("Dr. Smith gave 1.5 mg. No fever.", {})]
    [(0, 23), (23, 32)]
    >>> [s.section for s in sentences("FAMILY HISTORY: gout. Asthma.\\n\\nHe is well.", {"family history": "family"})]
    ['family', 'family', None]
    """
    found: list[Sentence] = []
    section: str | None = None
    said = False  # whether something stands below the heading
    inline = False  # whether it stands beside it: then the section is that line
    for start, end, closes in _pieces(text):
        if heading := _heading(text, start, end, headings):
            section, body = heading
            said = False
            inline = bool(text[body : _line_end(text, body)].strip(": \t\r"))
        else:
            body = start
        found.append(Sentence(start, end, body, section))
        said = said or bool(text[body:end].strip(": \t\r\n"))
        if said and (closes or (inline and _new_line(text, end))):
            section, said, inline = None, False, False
    return found


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _new_line(text: str, end: int) -> bool:
    """Say whether a line ends here, and the next is neither an item of a list nor the rest of this one."""
    return text[end - 1 : end] == "\n" and re.match(r"\s*[A-Z0-9]", text[end : end + 40]) is not None


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the range of each sentence, and whether an empty line follows it."""
    start = 0
    for match in _END.finditer(text):
        if not _breaks(text, start, match):
            continue
        end = match.start() if match.lastgroup == "bullet" else match.end()
        if end > start:
            yield start, end, _empty_line(match)
            start = end
    if start < len(text):
        yield start, len(text), False


def _empty_line(match: re.Match[str]) -> bool:
    return max(match.group().count("\n"), match.group().count("\r")) > 1


def _breaks(text: str, start: int, match: re.Match[str]) -> bool:
    match match.lastgroup:
        case "line":
            return _line_breaks(text, start, match)
        case "stop" if match.group("stop") == "." and not _dot_breaks(text, start, match):
            return "\n" in match.group() and _line_breaks(text, start, match)
        case "stop" if match.group("stop") == "?" and match.start() - start < 20 and not text[start : match.start()].strip(_BULLETS):
            return False  # "? pneumonia"
        case _:
            return True


def _dot_breaks(text: str, start: int, match: re.Match[str]) -> bool:
    dot = match.start()
    word = _WORD_BEFORE.search(text, max(start, dot - 12), dot)
    before = word.group() if word else ""
    opens = not text[start : dot - len(before)].strip(_BULLETS) if dot - start < 40 else False
    following = text[match.end() : match.end() + 12].lstrip()[:1]
    if before.isdigit():  # "2. Cough" opens an item of a list; "No. 5" and "at 38. No cough" do not
        return not (opens and len(before) <= 2)
    folded = before.lower()
    if folded in _NEVER_LAST:
        return not following or (folded == "no" and not following.isdigit())  # "Fever? No. Cough?", but "No. 5"
    if folded in _MAYBE_LAST:
        return not following or following.isupper()
    if len(before) == 1 and before.isupper():  # "J. Smith", but "hepatitis B. No fever"
        return not (opens or _title_before(text[max(start, dot - 12) : dot - 1]))
    return True


def _title_before(before: str) -> bool:
    return bool(re.search(r"(?:[A-Z]\.|\b(?:Dr|Mr|Mrs|Ms|Prof)\.?)\s*\Z", before))


def _line_breaks(text: str, start: int, match: re.Match[str]) -> bool:
    """Say whether a line's end is more than the width of the page."""
    if _empty_line(match) or match.end() >= len(text):
        return True
    line = text[max(start, text.rfind("\n", max(start, match.start() - 200), match.start()) + 1) : match.start()].rstrip()
    ahead = text[match.end() : match.end() + 60].partition("\n")[0]
    if not line or _OPENS_LINE.match(ahead + " ") or _HEADING.match(ahead):
        return True
    if _GOES_ON.search(line[-12:]):
        return False
    small = ahead[:1].islower()
    return not (len(line) >= _LONG or (small and len(line) >= _WRAPPED))


def _heading(text: str, start: int, end: int, headings: Mapping[str, str | None]) -> tuple[str | None, int] | None:
    """Return what the heading that opens a sentence says of the section, and where the heading ends; None where none does."""
    match = _HEADING.match(text, start, min(end, start + 80))
    if match is None:  # a heading may stand on a line of its own without a colon
        alone = end - start < 80 and "\n" in text[start:end]
        name = _named(text[start:end].strip(" \t\r\n*#")) if alone else ""
        return (headings[name], end) if name in headings else None
    if (name := _named(match.group("name"))) in headings:
        return headings[name], match.end() - 1  # the colon is read: "Allergies: none"
    return (None, start) if match.group("name").isupper() and len(name) >= 4 else None


def _named(heading: str) -> str:
    return _OWNER.sub("", re.sub(r"\s+", " ", heading.lower()))
