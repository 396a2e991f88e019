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
_LETTER = 6.6
_STYLE = """
svg{--card:#fcfcfb;--ink:#0b0b0b;--soft:#52514e;--faint:#898781;--rule:#e1e0d9;--axis:#c3c2b7;--c0:#2a78d6;--c1:#eb6834;
--c2:#1baf7a;--c3:#eda100;--c4:#e87ba4;--c5:#008300;--c6:#4a3aa7;--c7:#e34948}
@media (prefers-color-scheme:dark){svg{--card:#1a1a19;--ink:#fff;--soft:#c3c2b7;--faint:#898781;--rule:#2c2c2a;
--axis:#383835;--c0:#3987e5;--c1:#d95926;--c2:#199e70;--c3:#c98500;--c4:#d55181;--c5:#3fae3f;--c6:#9085e9;--c7:#e66767}}
.card{fill:var(--card)}text{font-size:12px;fill:var(--soft)}.tick{fill:var(--faint);font-size:11px}
.value{font-size:10px;fill:var(--faint)}.label{fill:var(--ink)}.grid{stroke:var(--rule)}.leader{stroke:var(--axis)}
circle{stroke:var(--card);stroke-width:1.5}
"""


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
    room, size = _label_room(series), (540.0, 320.0) if len(series) <= COLOURS else (960.0, 640.0)
    frame = _Frame([x for x, _ in known], [y for _, y in known], room, 2.0, *size, zoom=len(series) > COLOURS)
    out = frame.axes([(x, f"{x:g}") for x in _log_ticks(frame.low, frame.high)], x_name)
    at = [(frame.x(x), frame.y(y)) for x, y in known]
    out += [frame.dot(one, x, y, f"{x:g}: {y:.3f}") for one, (x, y) in zip(series, known, strict=True)]
    names = [one.name for one in series]
    for name, (place, height), label in zip(names, at, _apart_from(at, names), strict=True):
        if abs(label - height) > 1:
            out.append(_segment("leader", place, height, place + 10, label))
        out.append(_text("label", place + 12, label + 4, name))
    return _svg(frame.width, frame.height, title, out)


def drawing(svg: str) -> str:
    """A drawing as a file of its own, with its colours for light and dark pages.

    >>> drawing(bars(["a"], [Series("b", 0, ((0, 0.5),))], "c")).startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    True
    """
    start, _, rest = svg.partition(">")
    sheet = _STYLE + "".join(f".s{i}{{fill:var(--c{i})}}" for i in range(COLOURS))
    head = start.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ')
    return f'{head}><style>{sheet}</style><rect class="card" width="100%" height="100%" rx="6"/>{rest}\n'


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
    """A plot area with a logarithmic x axis and y from zero, or with ``zoom`` from below the lowest value."""

    xs: Sequence[float]
    ys: Sequence[float]
    room: float
    margin: float = 1.0
    width: float = 540.0
    height: float = 320.0
    zoom: bool = False

    def __post_init__(self) -> None:
        self.right = self.width - self.room
        self.low, self.high = min(self.xs) / self.margin, max(self.xs) * self.margin
        self.top = _nice_top(self.ys)
        self.bottom = math.floor(min(self.ys) * 10) / 10 if self.zoom else 0.0
        if self.bottom >= self.top:
            self.bottom = self.top - 0.1

    def x(self, value: float) -> float:
        span = math.log(self.high / self.low) or 1.0
        return 46 + math.log(value / self.low) / span * (self.right - 46)

    def y(self, value: float) -> float:
        return self.height - 44 - (value - self.bottom) / (self.top - self.bottom) * (self.height - 44 - 12)

    def axes(self, ticks: Sequence[tuple[float, str]], x_name: str) -> list[str]:
        out = []
        for tick in (tick for tick in _ticks(self.top) if tick >= self.bottom):
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
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
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


def _apart_from(at: Sequence[tuple[float, float]], names: Sequence[str]) -> list[float]:
    """Heights for names to the right of points, each as near its point as no other name or point is in its way.

    >>> _apart_from([(0, 50), (5, 50), (400, 50)], ["a", "b", "c"])
    [50, 64.0, 50]
    """
    taken: list[tuple[float, float, float]] = []
    out = [0.0] * len(at)
    for i in sorted(range(len(at)), key=lambda i: (at[i][1], at[i][0])):
        x, y = at[i]
        end = x + 12 + _LETTER * len(names[i])
        for step in range(2 * len(at) + 1):
            height = y + _LINE * ((step + 1) // 2) * (1 if step % 2 else -1) if step else y
            if all(abs(height - other) >= _LINE - 1 or end < left or x > right for left, right, other in taken):
                break
        taken.append((x, end, height))
        out[i] = height
    return out
