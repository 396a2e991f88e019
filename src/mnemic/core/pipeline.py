"""Chains and fans of stages, and the recipe: pipelines as values.

``split() >> extract() >> annotate()`` is a chain; ``dense() | lexical()`` is a fan whose branches get the
same input. Both are data: they print as they are written, go to TOML and back, and can be compared.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.plugins import load_stages
from mnemic.core.stage import Channel, Combiner, Stage, Trigger, registered

FORMATION_ORDER = ("segmenter", "compressor", "router", "extractor", "annotator")
RETRIEVAL_ROLES = ("planner", "channel", "combiner", "scorer", "expander", "filter", "assembler", "gate", "reader")
EVOLUTION_ROLES = ("trigger", "gate", "resolver", "linker", "consolidator", "forgetter")


@dataclass(frozen=True, slots=True)
class Chain:
    """Stages that run one after the other, each on what the one before gave.

    >>> from mnemic.retrieval.dense import Dense
    >>> from mnemic.retrieval.lexical import Lexical
    >>> from mnemic.retrieval.rrf import ReciprocalRankFusion
    >>> print((Dense(k=50) | Lexical(k=50)) >> ReciprocalRankFusion())
    (dense(k=50) | lexical(k=50)) >> rrf()
    """

    items: tuple[Stage | Fan, ...] = ()

    @classmethod
    def of(cls, *items: Stage | Fan | Chain) -> Chain:
        """A chain of the items, nested chains flattened."""
        flat: list[Stage | Fan] = []
        for item in items:
            flat.extend(item.items if isinstance(item, Chain) else (item,))
        return cls(tuple(flat))

    def __rshift__(self, other: Stage | Fan | Chain) -> Chain:
        return Chain.of(self, other)

    def __or__(self, other: Stage | Fan | Chain) -> Fan:
        return Fan.of(self) | other

    def __iter__(self) -> Iterator[Stage | Fan]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return " >> ".join(str(item) for item in self.items)

    def stages(self) -> Iterator[Stage]:
        """Every stage, also those inside fans and those that are parameters of stages."""
        for item in self.items:
            if isinstance(item, Fan):
                for branch in item.branches:
                    yield from branch.stages()
            else:
                yield item
                # Also what is there by default: it runs, and may need a model, like what was given.
                for value in (getattr(item, part.name) for part in dataclasses.fields(item)):
                    if isinstance(value, (Stage, Chain)):
                        yield from Chain.of(value).stages()

    def needs(self) -> tuple[str, ...]:
        """What the chain cannot work without, such as ``("embedder",)``."""
        return tuple(sorted({need for stage in self.stages() for need in stage.needs}))

    def asks(self) -> tuple[str, ...]:
        """The tasks that its stages put to a language model."""
        return tuple(sorted({task for stage in self.stages() for task in stage.asks}))

    def to_data(self) -> list[dict[str, Any]]:
        """Plain tables, one per item: the TOML form."""
        return [_item_to_data(item) for item in self.items]

    @classmethod
    def from_data(cls, data: Any, field_name: str = "chain") -> Chain:
        """The inverse of :meth:`to_data`; raises BadInput naming the field that is wrong."""
        if not isinstance(data, list):
            raise BadInput(f"{field_name}: expected an array of tables, got {type(data).__name__}")
        return cls(tuple(_item_from_data(item, f"{field_name}[{i}]") for i, item in enumerate(data)))


@dataclass(frozen=True, slots=True)
class Fan:
    """Branches that all get the same input; a combiner further on makes one of their answers."""

    branches: tuple[Chain, ...] = ()

    @classmethod
    def of(cls, *branches: Stage | Fan | Chain) -> Fan:
        """A fan of the branches, nested fans flattened."""
        flat: list[Chain] = []
        for branch in branches:
            flat.extend(branch.branches if isinstance(branch, Fan) else (Chain.of(branch),))
        return cls(tuple(flat))

    def __or__(self, other: Stage | Fan | Chain) -> Fan:
        return Fan.of(self, other)

    def __rshift__(self, other: Stage | Fan | Chain) -> Chain:
        return Chain.of(self, other)

    def __str__(self) -> str:
        return "(" + " | ".join(str(branch) for branch in self.branches) + ")"


def _item_to_data(item: Stage | Fan) -> dict[str, Any]:
    if isinstance(item, Fan):
        return {"any": [branch.to_data() for branch in item.branches]}
    return {"stage": item.name} | {name: _value_to_data(value) for name, value in item.parameters.items()}


def _value_to_data(value: Any) -> Any:
    if isinstance(value, Stage):
        return _item_to_data(value)
    if isinstance(value, Chain):
        return value.to_data()
    if isinstance(value, (tuple, list)):
        return [_value_to_data(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _value_to_data(part) for name, part in value.items()}
    return value


def _item_from_data(data: Any, where: str) -> Stage | Fan:
    if not isinstance(data, Mapping):
        raise BadInput(f"{where}: expected a table with 'stage' or 'any', got {data!r}")
    if "any" in data:
        branches = data["any"]
        if not isinstance(branches, list):
            raise BadInput(f"{where}.any: expected an array of chains")
        return Fan(tuple(Chain.from_data(b, f"{where}.any[{i}]") for i, b in enumerate(branches)))
    return stage_from_data(data, where)


def stage_from_data(data: Mapping[str, Any], where: str = "stage") -> Stage:
    """A stage of its TOML table.

    >>> stage_from_data({"stage": "rrf", "k": 30}).parameters
    {'k': 30}
    """
    name = data.get("stage")
    if name not in registered():
        load_stages()
    cls = registered().get(str(name))
    if cls is None:
        near = difflib.get_close_matches(str(name), registered(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; 'mnemic recipes --stages' lists them"
        raise BadInput(f"{where}.stage: no stage is called {name!r}{hint}")
    known = {item.name for item in dataclasses.fields(cls)}
    given = {key: _value_from_data(value, f"{where}.{key}") for key, value in data.items() if key != "stage"}
    if unknown := sorted(set(given) - known):
        raise BadInput(f"{where}.{unknown[0]}: {name} has no such parameter; it has {', '.join(sorted(known))}")
    try:
        return cls(**given)
    except TypeError as error:
        raise BadInput(f"{where}: {name} cannot be made of {given}: {error}") from None


def _value_from_data(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        if "stage" in value:
            return stage_from_data(value, where)
        return {name: _value_from_data(part, f"{where}.{name}") for name, part in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(part, Mapping) and ("stage" in part or "any" in part) for part in value):
            return Chain.from_data(value, where)
        return tuple(_value_from_data(part, where) for part in value)
    return value


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A memory architecture: which stages form, evolve and read a bank's memory.

    ``formation`` turns events into drafts; each chain of ``evolution`` is one rule, led by its trigger
    (without one it runs on every event); ``retrieval`` ends in an assembler; ``profiles`` are other
    retrieval chains over the same memory, chosen per call.
    """

    name: str
    summary: str
    formation: Chain
    retrieval: Chain
    evolution: tuple[Chain, ...] = ()
    profiles: Mapping[str, Chain] = field(default_factory=dict)
    cites: str = ""
    card: int | None = None

    def __post_init__(self) -> None:
        _check_order(self.name, "formation", self.formation, FORMATION_ORDER)
        for chain in (self.retrieval, *self.profiles.values()):
            _check_retrieval(self.name, chain)
        for index, rule in enumerate(self.evolution):
            _check_roles(self.name, f"evolution[{index}]", rule, EVOLUTION_ROLES)
            _check_rule(self.name, f"evolution[{index}]", rule)
        resolvers = [str(item) for rule in self.evolution for item in rule if getattr(item, "role", "") == "resolver"]
        if len(resolvers) > 1:
            raise BadInput(
                f"recipe {self.name!r}, evolution: {' and '.join(resolvers)} would each take in every draft; "
                "give one, and the other as its parameter"
            )

    def read(self, profile: str | None = None) -> Chain:
        """The retrieval chain of a profile; raises BadInput when the recipe has none of that name."""
        if profile is None:
            return self.retrieval
        if profile not in self.profiles:
            names = ", ".join(self.profiles) or "none"
            raise BadInput(f"profile: recipe {self.name!r} has no profile {profile!r}; it has {names}")
        return self.profiles[profile]

    def chains(self) -> Iterator[Chain]:
        """All chains of the recipe."""
        yield self.formation
        yield from self.evolution
        yield self.retrieval
        yield from self.profiles.values()

    def needs(self, profile: str | None = None) -> tuple[str, ...]:
        """What it cannot work without, reading with ``profile``."""
        chains = (self.formation, *self.evolution, self.read(profile))
        return tuple(sorted({need for chain in chains for need in chain.needs()}))

    def asks(self, profile: str | None = None) -> tuple[str, ...]:
        """The tasks that it puts to a language model, reading with ``profile``."""
        chains = (self.formation, *self.evolution, self.read(profile))
        return tuple(sorted({task for chain in chains for task in chain.asks()}))

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.summary}", f"  formation  {self.formation}"]
        lines += [f"  evolution  {rule}" for rule in self.evolution]
        lines.append(f"  retrieval  {self.retrieval}")
        lines += [f"  {name:<9}  {chain}" for name, chain in self.profiles.items()]
        if self.cites:
            lines.append(f"  cites      {self.cites}")
        return "\n".join(lines)

    def to_toml(self) -> str:
        """The recipe as a TOML document."""
        import tomli_w

        data: dict[str, Any] = {"name": self.name, "summary": self.summary}
        if self.cites:
            data["cites"] = self.cites
        if self.card is not None:
            data["card"] = self.card
        data["formation"] = self.formation.to_data()
        if self.evolution:
            data["evolution"] = [{"rule": rule.to_data()} for rule in self.evolution]
        data["retrieval"] = self.retrieval.to_data()
        if self.profiles:
            data["profiles"] = {name: chain.to_data() for name, chain in self.profiles.items()}
        return tomli_w.dumps(data)

    @classmethod
    def from_toml(cls, text: str) -> Recipe:
        """The recipe of a TOML document; raises BadInput naming the field that is wrong."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"recipe: not valid TOML ({error})") from None
        known = {"name", "summary", "cites", "card", "formation", "evolution", "retrieval", "profiles"}
        if unknown := sorted(set(data) - known):
            raise BadInput(f"recipe.{unknown[0]}: unknown key; known are {', '.join(sorted(known))}")
        for required in ("name", "formation", "retrieval"):
            if required not in data:
                raise BadInput(f"recipe.{required}: missing")
        return cls(
            name=data["name"],
            summary=data.get("summary", ""),
            cites=data.get("cites", ""),
            card=data.get("card"),
            formation=Chain.from_data(data["formation"], "formation"),
            evolution=tuple(
                Chain.from_data(rule.get("rule"), f"evolution[{i}].rule")
                for i, rule in enumerate(data.get("evolution", []))
            ),
            retrieval=Chain.from_data(data["retrieval"], "retrieval"),
            profiles={
                name: Chain.from_data(chain, f"profiles.{name}") for name, chain in data.get("profiles", {}).items()
            },
        )

    def diff(self, other: Recipe) -> list[str]:
        """The lines by which another recipe differs, in unified style; empty when they are the same."""
        mine, theirs = (_lines(recipe) for recipe in (self, other))
        return list(difflib.unified_diff(mine, theirs, self.name, other.name, lineterm="", n=0))


def _lines(recipe: Recipe) -> list[str]:
    parts = [("formation", recipe.formation)]
    parts += [(f"evolution[{i}]", rule) for i, rule in enumerate(recipe.evolution)]
    parts += [("retrieval", recipe.retrieval)]
    parts += [(f"profiles.{name}", chain) for name, chain in recipe.profiles.items()]
    return [f"{part}: {item}" for part, chain in parts for item in chain]


def _check_roles(recipe: str, part: str, chain: Chain, allowed: tuple[str, ...]) -> None:
    for index, item in enumerate(chain):
        if isinstance(item, Fan):
            if "channel" not in allowed:
                raise BadInput(f"recipe {recipe!r}, {part}: a fan belongs into retrieval only")
            continue
        if item.role not in allowed:
            raise BadInput(f"recipe {recipe!r}, {part}: {item.name} is a {item.role}, which has no place there")
        if isinstance(item, Trigger) and index:
            raise BadInput(f"recipe {recipe!r}, {part}: the trigger {item.name} must come first")


def _check_rule(recipe: str, part: str, rule: Chain) -> None:
    scheduled = any(isinstance(item, Trigger) for item in rule)
    for item in rule:
        role = item.role if isinstance(item, Stage) else ""
        if role in ("consolidator", "forgetter") and not scheduled:
            raise BadInput(
                f"recipe {recipe!r}, {part}: {item} works over the bank; put a trigger before it, such as every_events"
            )
        if role in ("resolver", "linker") and scheduled:
            raise BadInput(
                f"recipe {recipe!r}, {part}: {item} takes part in taking in each segment; leave out the trigger"
            )


def _check_order(recipe: str, part: str, chain: Chain, order: tuple[str, ...]) -> None:
    _check_roles(recipe, part, chain, order)
    places = [order.index(stage.role) for stage in chain.items if isinstance(stage, Stage)]
    if places != sorted(places):
        raise BadInput(f"recipe {recipe!r}, {part}: stages must come in the order {' >> '.join(order)}")
    roles = [stage.role for stage in chain.items if isinstance(stage, Stage)]
    if roles.count("segmenter") != 1 or "extractor" not in roles:
        raise BadInput(f"recipe {recipe!r}, {part}: it needs one segmenter and at least one extractor")


def _check_retrieval(recipe: str, chain: Chain) -> None:
    _check_roles(recipe, "retrieval", chain, RETRIEVAL_ROLES)
    roles = [getattr(item, "role", "") for item in chain.items]
    if "reader" in roles[:-1] or not ([*roles, ""][-2] == "assembler" or roles[-2:] == ["assembler", "reader"]):
        raise BadInput(f"recipe {recipe!r}, retrieval: the last stage must be an assembler, or a reader behind one")
    lists = 0
    for item in chain:
        if isinstance(item, Fan):
            lists += len(item.branches)
        elif isinstance(item, Channel):
            lists += 1
        elif isinstance(item, Combiner):
            lists = 1
        elif item.role in ("scorer", "expander", "filter", "assembler") and lists > 1:
            raise BadInput(f"recipe {recipe!r}, retrieval: put a combiner before {item.name}; there are {lists} lists")
