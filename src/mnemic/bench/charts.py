"""Small charts as inline SVG: grouped bars, lines, labelled points and an interval.

Colours are CSS classes (``s0`` to ``s7``, one a series) so that one drawing serves light and dark pages;
every mark carries its figures as a tooltip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

#: How many series have a colour of their own; further ones begin again and are told apart by their labels.
COLOURS = 8
_LINE = 14.0


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of points ``(x, y)``; ``place`` chooses the colour."""

    name: str
    place: int
    points: tuple[tuple[float, float], ...]

    @property
    def css(self) -> str:
        """The class of its colour."""
        return f"s{self.place % COLOURS}"


def bars(groups: Sequence[str], series: Sequence[Series], title: str) -> str:
    """Horizontal bars, one group a category; the i-th point of a series belongs to the i-th group.

    >>> drawing = bars(["1 multi-hop"], [Series("bm25", 0, ((0, 0.25),))], "recall@10")
    >>> "<rect" in drawing and "bm25, 1 multi-hop: 0.250" in drawing
    True
    """
    left, right, width, thick, gap = 200.0, 45.0, 1100.0, 12.0, 16.0
    top = _nice_top([y for one in series for _, y in one.points])
    scale = (width - left - right) / top
    each = len(series) * thick + gap
    height = len(groups) * each + 30
    out = []
    for tick in _ticks(top):
        x = left + tick * scale
        out.append(_segment("grid", x, 4, x, height - 24))
        out.append(_text("tick", x, height - 8, f"{tick:g}", "middle"))
    for row, group in enumerate(groups):
        base = 8 + row * each
        out.append(_text("label", left - 10, base + len(series) * thick / 2 + 4, group, "end"))
        for column, one in enumerate(series):
            value = one.points[row][1]
            y = base + column * thick
            tip = f"<title>{escape(one.name)}, {escape(group)}: {value:.3f}</title>"
            out.append(
                f'<rect class="{one.css}" x="{left:g}" y="{y + 1:g}" width="{value * scale:.1f}" '
                f'height="{thick - 2:g}" rx="2">{tip}</rect>'
            )
            out.append(_text("value", left + value * scale + 5, y + thick - 2.5, f"{value:.3f}"))
    return _svg(width, height, title, out)


def lines(series: Sequence[Series], title: str, x_name: str) -> str:
    """Lines over a logarithmic x axis with ticks at the points, each line named at its end.

    >>> drawing = lines([Series("bm25", 0, ((500, 0.3), (1500, 0.5)))], "coverage", "tokens")
    >>> "<polyline" in drawing and "bm25, 1500: 0.500" in drawing
    True
    """
    known = [point for one in series for point in one.points]
    frame = _Frame([x for x, _ in known], [y for _, y in known], _label_room(series))
    ticks = sorted({x for one in series for x, _ in one.points})
    out = frame.axes([(x, f"{x:g}") for x in ticks], x_name)
    ends = _apart([frame.y(one.points[-1][1]) for one in series])
    for one, end in zip(series, ends, strict=True):
        path = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in one.points)
        out.append(f'<polyline class="{one.css}" points="{path}"/>')
        out += [frame.dot(one, x, y, f"{x:g}: {y:.3f}") for x, y in one.points]
        out.append(_text("label", frame.x(one.points[-1][0]) + 12, end + 4, one.name))
    return _svg(frame.width, frame.height, title, out)


def points(series: Sequence[Series], title: str, x_name: str) -> str:
    """One labelled point a series, over a logarithmic x axis.

    >>> "bm25, 2.1: 0.500" in points([Series("bm25", 0, ((2.1, 0.5),))], "quality", "ms")
    True
    """
    known = [one.points[0] for one in series]
    frame = _Frame([x for x, _ in known], [y for _, y in known], _label_room(series), margin=2.0)
    out = frame.axes([(x, f"{x:g}") for x in _log_ticks(frame.low, frame.high)], x_name)
    names = _apart([frame.y(y) for _, y in known])
    for one, (x, y), name in zip(series, known, names, strict=True):
        if abs(name - frame.y(y)) > 1:
            out.append(_segment("leader", frame.x(x), frame.y(y), frame.x(x) + 10, name))
        out.append(frame.dot(one, x, y, f"{x:g}: {y:.3f}"))
        out.append(_text("label", frame.x(x) + 12, name + 4, one.name))
    return _svg(frame.width, frame.height, title, out)


def interval(low: float, mean: float, high: float, reach: float) -> str:
    """An interval and its middle on a scale from ``-reach`` to ``reach``, with a line at zero.

    >>> interval(-0.1, 0.0, 0.1, 0.2).count("<line")
    2
    """
    width, middle = 180.0, 90.0
    scale = (middle - 6) / reach if reach else 0.0
    out = [
        _segment("axis", middle, 0, middle, 18),
        _segment("range", middle + low * scale, 9, middle + high * scale, 9),
        f'<circle class="mean" cx="{middle + mean * scale:.1f}" cy="9" r="4"/>',
    ]
    return _svg(width, 18, f"{mean:+.3f}, from {low:+.3f} to {high:+.3f}", out)


@dataclass
class _Frame:
    """A plot area with a logarithmic x axis and y from zero."""

    xs: Sequence[float]
    ys: Sequence[float]
    room: float
    margin: float = 1.0
    width: float = 540.0
    height: float = 320.0

    def __post_init__(self) -> None:
        self.right = self.width - self.room
        self.low, self.high = min(self.xs) / self.margin, max(self.xs) * self.margin
        self.top = _nice_top(self.ys)

    def x(self, value: float) -> float:
        span = math.log(self.high / self.low) or 1.0
        return 46 + math.log(value / self.low) / span * (self.right - 46)

    def y(self, value: float) -> float:
        return self.height - 44 - value / self.top * (self.height - 44 - 12)

    def axes(self, ticks: Sequence[tuple[float, str]], x_name: str) -> list[str]:
        out = []
        for tick in _ticks(self.top):
            out.append(_segment("grid", 46, self.y(tick), self.right, self.y(tick)))
            out.append(_text("tick", 38, self.y(tick) + 4, f"{tick:g}", "end"))
        out += [_text("tick", self.x(x), self.height - 26, name, "middle") for x, name in ticks]
        out.append(_text("tick", (46 + self.right) / 2, self.height - 6, x_name, "middle"))
        return out

    def dot(self, one: Series, x: float, y: float, tip: str) -> str:
        return (
            f'<circle class="{one.css}" cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="5">'
            f"<title>{escape(one.name)}, {tip}</title></circle>"
        )


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _segment(css: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(css: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _label_room(series: Sequence[Series]) -> float:
    """Width of the longest name in 12 px letters of about 7.4 px, with the gap before it."""
    return 20 + 7.4 * max(len(one.name) for one in series)


def _nice_top(values: Sequence[float]) -> float:
    return max(0.1, math.ceil(max(values, default=0.0) * 10 - 1e-9) / 10)


def _ticks(top: float) -> list[float]:
    step = 0.2 if top > 0.5 else 0.1 if top > 0.2 else 0.05
    return [round(step * i, 2) for i in range(int(top / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick <= high]


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights moved downwards where needed, so that no two are nearer than a line of text."""
    out = list(heights)
    last = -math.inf
    for i in sorted(range(len(heights)), key=lambda i: heights[i]):
        last = out[i] = max(heights[i], last + _LINE)
    return out
