"""What a reader of a page does not see, taken out of a text without moving a character: HTML tags, and entities such as `&eacute;`."""

from __future__ import annotations

import html
import re

_PAD = "\u200b"  # not seen, and no end of a word
_HIDES = re.compile(r"<(?:(script|style)\b[^>]{0,500}>|!--)", re.IGNORECASE)
_SHOWS = {
    "": re.compile("-->"),
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
}
_TAG = re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9]{0,15})(?:\s[^<>]{0,1000})?/?>|<!DOCTYPE[^>]{0,200}>", re.DOTALL)
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# These stand inside words: "<b>dys</b>pnoea".
_INLINE = frozenset("a abbr b big bdi bdo cite code em font i ins kbd mark q s samp small span strong sub sup tt u var wbr".split())


def visible(text: str) -> str:
    """Return a text of the same length in which every character that is seen stands where it stood.

    >>> visible("<p>Sj&ouml;gren</p>").replace(chr(0x200B), "")
    '   Sjögren    '
    """
    if "<" in text:
        text = _TAG.sub(_blank, _without_hidden(text))
    return _ENTITY.sub(_decoded, text) if "&" in text else text


def _without_hidden(text: str) -> str:
    """Blank scripts, styles and comments; one that nothing ends is text. Each kind's missing end is looked for once: time is linear."""
    shown: list[str] = []
    at, unclosed = 0, set()
    for opening in _HIDES.finditer(text):
        kind = (opening[1] or "").casefold()
        if opening.start() < at or kind in unclosed:
            continue
        closing = _SHOWS[kind].search(text, opening.end())
        if closing is None:
            unclosed.add(kind)
            continue
        shown += [text[at : opening.start()], " " * (closing.end() - opening.start())]
        at = closing.end()
    return "".join(shown) + text[at:]


def _blank(match: re.Match[str]) -> str:
    inline = (match["name"] or "").casefold() in _INLINE
    return (_PAD if inline else " ") * len(match.group())


def _decoded(match: re.Match[str]) -> str:
    written = match.group()
    seen = html.unescape(written)
    return seen + _PAD * (len(written) - len(seen)) if len(seen) <= len(written) and seen != written else written
