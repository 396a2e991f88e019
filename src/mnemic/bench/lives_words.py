"""The words of lives, out of ``lives.toml``: traits of people, chatter, and what is never told."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Trait:
    """An attribute of a person: what it may be, and everything that is said, noted and asked about it.

    ``told``, ``changed`` and ``ended`` are what a person says (an ending with the word that tells it), ``noted`` what
    an extractor writes down. ``asked``, ``before``, ``gone``, ``sure`` and ``touched`` ask for the value, the former
    one, one that ended, whether it still holds, and what its change put in doubt. ``rests_on`` names the trait that
    it holds under; of ``many`` a person can have several at once.
    """

    attribute: str
    values: tuple[str, ...]
    told: tuple[str, ...]
    noted: str
    asked: tuple[str, ...]
    before: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    rests_on: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """All that lives are told in. ``never`` asks for what no life tells, ``still_among`` for one of many values."""

    names: tuple[str, ...]
    chatter: tuple[str, ...]
    replies: tuple[str, ...]
    about_other: tuple[str, ...]
    never: tuple[tuple[str, ...], ...]
    still_among: tuple[str, ...]
    single: tuple[Trait, ...]
    resting: tuple[Trait, ...]
    many: tuple[Trait, ...]


@cache
def words_of_lives() -> Words:
    """The words, read once.

    >>> len(words_of_lives().names) > 20, words_of_lives().resting[0].rests_on
    (True, 'office')
    """
    data = tomllib.loads(files("mnemic.bench").joinpath("lives.toml").read_text(encoding="utf-8"))
    kinds = ("single", "resting", "many")
    plain = {name: tuple(data[name]) for name in ("names", "chatter", "replies", "about_other", "still_among")}
    single, resting, many = (tuple(_trait(row, many=kind == "many") for row in data[kind]) for kind in kinds)
    never = tuple(tuple(wordings) for wordings in data["never"])
    return Words(**plain, never=never, single=single, resting=resting, many=many)


def _trait(row: dict[str, Any], *, many: bool) -> Trait:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    given["ended"] = tuple((ending["said"], ending["cue"]) for ending in row.get("ended", ()))
    return Trait(**given, many=many)
