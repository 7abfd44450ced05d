"""A picture of the main figures: a bar a linker, and a mark where the aim is. Plain SVG, which needs no library."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from qa.evaluation.linking.report import Report
from qa.evaluation.linking.results import Figure

_COLOURS = (("#2b6cb0", "#ffffff"), ("#a0aec0", "#1a202c"), ("#d6bc8a", "#1a202c"))
"""Of a bar, and of what is written on it."""
_AIM_COLOUR = "#c53030"
_LEFT, _WIDTH, _RIGHT = 340, 420, 70
_BAR, _GAP, _TOP = 14, 10, 44
_ROOM = 40
_STYLE = "font-family:system-ui,sans-serif;font-size:12px"


def picture(report: Report) -> str:
    """Return the main figures of a report as SVG.

    Percentages share one scale, from 0 to 100; a figure of which less is better has one of its own, to twice its aim or its largest value.
    """
    rows = report.figures()
    linkers = list(report.results)
    block = _BAR * max(1, len(linkers)) + _GAP
    height, width = _TOP + block * len(rows) + 24, _LEFT + _WIDTH + _RIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="{_STYLE}">',
        "<title>Entity linking: main figures and aims</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_legend(linkers),
    ]
    for number, (figure, values) in enumerate(rows):
        lines += _row(figure, values, _TOP + number * block)
    return "\n".join([*lines, "</svg>", ""])


def _legend(linkers: list[str]) -> Iterator[str]:
    for number, name in enumerate(linkers):
        x = _LEFT + 120 * number
        yield f'<rect x="{x}" y="14" width="12" height="12" fill="{_COLOURS[number % len(_COLOURS)][0]}"/>'
        yield f'<text x="{x + 18}" y="24">{escape(name)}</text>'
    x = _LEFT + 120 * len(linkers)
    yield f'<line x1="{x + 6}" y1="12" x2="{x + 6}" y2="28" stroke="{_AIM_COLOUR}" stroke-width="2"/>'
    yield f'<text x="{x + 18}" y="24">aim</text>'


def _row(figure: Figure, values: tuple[float | None, ...], top: int) -> Iterator[str]:
    most = 100.0
    if figure.at_most:
        most = max([2 * (figure.aim or 0.0), *(value for value in values if value is not None)]) or 1.0
    bottom = top + _BAR * len(values)
    yield f'<text x="{_LEFT - 10}" y="{(top + bottom) / 2 + 4:g}" text-anchor="end">{escape(figure.name)}</text>'
    for number, value in enumerate(values):
        y = top + number * _BAR
        if value is not None:
            length, (colour, ink) = _WIDTH * min(value, most) / most, _COLOURS[number % len(_COLOURS)]
            yield f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR - 2}" fill="{colour}"/>'
            # Within the bar where there is room, so that the mark of the aim does not cross it.
            inside = length > _ROOM
            place = f'x="{_LEFT + length - 5:.1f}" text-anchor="end" fill="{ink}"' if inside else f'x="{_LEFT + length + 6:.1f}"'
            yield f'<text {place} y="{y + 10}" style="font-size:11px">{value:.1f}</text>'
    if figure.aim is not None:
        x = _LEFT + _WIDTH * figure.aim / most
        yield f'<line x1="{x:.1f}" y1="{top - 2}" x2="{x:.1f}" y2="{bottom}" stroke="{_AIM_COLOUR}" stroke-width="2"/>'
