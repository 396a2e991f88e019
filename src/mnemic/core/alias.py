"""Aliases: a language model sees 0, 1, 2..., never ids (law 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mnemic.core.errors import Refused


@dataclass(slots=True)
class AliasMap:
    """Maps ids to short aliases for one call and back, and refuses what was never shown.

    >>> aliases = AliasMap.of(["r-abc", "r-def"])
    >>> aliases.alias("r-def"), aliases.id("0")
    ('1', 'r-abc')
    >>> aliases.id("7")
    Traceback (most recent call last):
    mnemic.core.errors.Refused: alias '7' was never shown; the shown ones are 0 to 1
    """

    _ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, ids: Iterable[str]) -> AliasMap:
        """Aliases in the order given."""
        return cls(list(dict.fromkeys(ids)))

    def alias(self, record_id: str) -> str:
        """The alias of an id; an id not yet shown gets the next one."""
        if record_id not in self._ids:
            self._ids.append(record_id)
        return str(self._ids.index(record_id))

    def id(self, alias: str | int) -> str:
        """The id behind an alias; raises Refused when it was never shown."""
        text = str(alias).strip()
        if not text.isdecimal() or int(text) >= len(self._ids):
            shown = f"the shown ones are 0 to {len(self._ids) - 1}" if self._ids else "none was shown"
            raise Refused(f"alias {text!r} was never shown; {shown}")
        return self._ids[int(text)]
