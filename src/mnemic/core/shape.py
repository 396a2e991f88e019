"""Shapes of what a language model is given and gives back: bounded, so that a whole answer always fits.

A shape checks and tidies a value, and writes itself as the JSON schema that constrains a model's decoding. Every
text has a most of characters and every list a most of items: without bounds a constrained answer is cut off in the
middle and cannot be read.
"""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import Malformed

#: What cannot be stored as text: a model writes such escapes into JSON now and then.
_UNTEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """Base of all shapes. ``about`` tells the model what is meant; what is ``optional`` may be missing or null."""

    about: str = ""
    optional: bool = False

    @property
    def empty(self) -> Any:
        """What stands for an optional value that is missing."""
        return None

    @property
    @abstractmethod
    def longest(self) -> int:
        """The most characters that a value takes as JSON."""

    @abstractmethod
    def check(self, value: Any, where: str) -> Any:
        """The value, tidied; raises Malformed naming the place and what was expected there."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON schema."""

    def _described(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {**schema, "description": self.about} if self.about else schema


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A text of at most ``most`` characters, stripped.

    >>> Text(most=10).check(" tea ", "drink")
    'tea'
    >>> Text(most=3).check("coffee", "drink")
    Traceback (most recent call last):
    mnemic.core.errors.Malformed: drink: has 6 characters, and at most 3 are allowed
    """

    most: int = 400

    @property
    def empty(self) -> str:
        """The empty text."""
        return ""

    @property
    def longest(self) -> int:
        """Its characters and quotes."""
        return self.most + 2

    def check(self, value: Any, where: str) -> str:
        """The text without white space around it; a number is written out."""
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise Malformed(f"{where}: expected text, got {_kind(value)}")
        text = str(value).strip()
        if _UNTEXT.search(text):
            raise Malformed(f"{where}: holds a lone surrogate or a NUL character; it is no valid text")
        if len(text) > self.most:
            raise Malformed(f"{where}: has {len(text)} characters, and at most {self.most} are allowed")
        if not text and not self.optional:
            raise Malformed(f"{where}: is empty")
        return text

    def schema(self) -> dict[str, Any]:
        """A bounded string."""
        return self._described({"type": "string", "maxLength": self.most})


@dataclass(frozen=True, slots=True)
class Number(Shape):
    """A finite number from ``low`` to ``high``; one beyond is taken back to the bound."""

    low: float = 0.0
    high: float = 1.0

    @property
    def longest(self) -> int:
        """Enough for every float."""
        return 24

    def check(self, value: Any, where: str) -> float:
        """The number within its bounds."""
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise Malformed(f"{where}: expected a number from {self.low:g} to {self.high:g}, got {value!r:.40}")
        return min(max(number, self.low), self.high)

    def schema(self) -> dict[str, Any]:
        """A bounded number."""
        return self._described({"type": "number", "minimum": self.low, "maximum": self.high})


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number from ``low`` to ``high``; one beyond is taken back to the bound.

    >>> Whole(low=1, high=5).check(7.2, "rank")
    5
    """

    low: int = 0
    high: int = 1_000_000

    @property
    def longest(self) -> int:
        """The digits of the bounds."""
        return 1 + max(len(str(self.low)), len(str(self.high)))

    def check(self, value: Any, where: str) -> int:
        """The number, rounded, within its bounds."""
        return round(Number(low=self.low, high=self.high).check(value, where))

    def schema(self) -> dict[str, Any]:
        """A bounded integer."""
        return self._described({"type": "integer", "minimum": self.low, "maximum": self.high})


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false."""

    @property
    def empty(self) -> bool:
        """What is not said is not so."""
        return False

    @property
    def longest(self) -> int:
        """``false``."""
        return 5

    def check(self, value: Any, where: str) -> bool:
        """The flag; the words are understood too."""
        if isinstance(value, bool):
            return value
        told = {"true": True, "yes": True, "false": False, "no": False}.get(str(value).strip().lower())
        if told is None:
            raise Malformed(f"{where}: expected true or false, got {value!r:.40}")
        return told

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return self._described({"type": "boolean"})


@dataclass(frozen=True, slots=True)
class Choice(Shape):
    """One of ``options``, in any case of letters; gives the option as it was listed.

    >>> Choice(options=("ADD", "NONE")).check("add", "event")
    'ADD'
    """

    options: tuple[str, ...] = ()

    @property
    def empty(self) -> str:
        """No choice."""
        return ""

    @property
    def longest(self) -> int:
        """The longest option."""
        return 2 + max((len(option) for option in self.options), default=0)

    def check(self, value: Any, where: str) -> str:
        """The option that is meant."""
        told = str(value).strip().casefold()
        for option in self.options:
            if option.casefold() == told:
                return option
        if self.optional and not told:
            return ""
        raise Malformed(f"{where}: {value!r:.40} is none of {', '.join(self.options[:20]) or 'nothing'}")

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        options = [*self.options, *([""] if self.optional and "" not in self.options else ())]
        return self._described({"type": "string", "enum": options})


@dataclass(frozen=True, slots=True)
class Alias(Shape):
    """An alias out of ``shown``. The schema admits no other; the check does, since the stage refuses each on its own.

    >>> Alias(shown=("0", "1")).check(7, "memory")
    '7'
    """

    shown: tuple[str, ...] = ()

    @property
    def empty(self) -> str:
        """No alias."""
        return ""

    @property
    def longest(self) -> int:
        """A short number and quotes."""
        return 10

    def check(self, value: Any, where: str) -> str:
        """The alias as text, whatever it is."""
        return str(value).strip()[:20]

    def schema(self) -> dict[str, Any]:
        """An enumeration of what was shown."""
        options = [*self.shown, *([""] if self.optional else ())]
        return self._described({"type": "string", "enum": options or [""]})


@dataclass(frozen=True, slots=True)
class Items(Shape):
    """A list of at most ``most`` values of one shape; what comes after them is left out.

    >>> Items(of=Text(), most=2).check(["a", "b", "c"], "tags")
    ['a', 'b']
    """

    of: Shape = Text()
    most: int = 20

    @property
    def empty(self) -> list[Any]:
        """No items."""
        return []

    @property
    def longest(self) -> int:
        """All items and their commas."""
        return 2 + self.most * (self.of.longest + 2)

    def check(self, value: Any, where: str) -> list[Any]:
        """The checked items."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Malformed(f"{where}: expected a list, got {_kind(value)}")
        return [self.of.check(item, f"{where}[{i}]") for i, item in enumerate(value[: self.most])]

    def schema(self) -> dict[str, Any]:
        """A bounded array."""
        return self._described({"type": "array", "items": self.of.schema(), "maxItems": self.most})


@dataclass(frozen=True, slots=True)
class Fields(Shape):
    """An object with named values; unknown names are left out, missing ones must be optional.

    >>> shape = Fields(of={"text": Text(), "tags": Items(optional=True)})
    >>> shape.check({"text": "tea", "mood": "calm"}, "answer")
    {'text': 'tea', 'tags': []}
    >>> shape.check({}, "answer")
    Traceback (most recent call last):
    mnemic.core.errors.Malformed: answer.text: is missing
    """

    of: Mapping[str, Shape] = None  # type: ignore[assignment]

    @property
    def longest(self) -> int:
        """All names and values."""
        return 2 + sum(len(name) + 6 + shape.longest for name, shape in self.of.items())

    def check(self, value: Any, where: str) -> dict[str, Any]:
        """The checked values by name, in the order of the shape."""
        if not isinstance(value, Mapping):
            raise Malformed(f"{where}: expected an object with {', '.join(self.of)}, got {_kind(value)}")
        out = {}
        for name, shape in self.of.items():
            given = value.get(name)
            if given is not None:
                out[name] = shape.check(given, f"{where}.{name}")
            elif shape.optional:
                out[name] = shape.empty
            else:
                raise Malformed(f"{where}.{name}: is missing")
        return out

    def schema(self) -> dict[str, Any]:
        """An object that requires every name: what endpoints with strict schemas ask for."""
        return self._described(
            {
                "type": "object",
                "properties": {name: shape.schema() for name, shape in self.of.items()},
                "required": list(self.of),
                "additionalProperties": False,
            }
        )


def _kind(value: Any) -> str:
    names = {"NoneType": "nothing", "str": "text", "dict": "an object", "list": "a list", "bool": "a flag"}
    name = type(value).__name__
    return names.get(name, f"a {name}")
