"""Policies: what may flow to whom and what for (contextual integrity).

    norm:  (label, recipient, purpose) → allow | withhold | the name of a shorter view
    flow(label) = the strictest of the rules that match, and the default where none does

What is right to tell a doctor is wrong to tell a landlord: the label says what a record is about, the request says who
will learn of it and what for, and the rule joins the two.
Source: H. Nissenbaum, "Privacy as contextual integrity", Washington Law Review 79, 2004.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.norms import ALLOW, UNLABELLED, WITHHOLD, Norms, strictest
from mnemic.core.record import VIEW_LADDER
from mnemic.governance.patterns import fits

ANY = "*"
FLOWS = (ALLOW, WITHHOLD, *VIEW_LADDER[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One norm: matter of any of ``labels`` may ``flow`` so to a recipient, for a purpose.

    ``labels`` are matters, ``unlabelled``, or ``*`` for everything; ``recipient`` and ``purpose`` are patterns,
    compared without case.
    """

    id: str
    labels: tuple[str, ...]
    recipient: str = ANY
    purpose: str = ANY
    flow: str = WITHHOLD

    def matches(self, recipient: str, purpose: str) -> bool:
        """Whether it speaks of a request."""
        return fits(self.recipient.casefold(), recipient.casefold()) and fits(
            self.purpose.casefold(), purpose.casefold()
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "id": self.id, "labels": list(self.labels), "recipient": self.recipient, "purpose": self.purpose,
            "flow": self.flow,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules, and what flows where none speaks.

    >>> policy = Policy.from_json({"name": "home", "rules": [
    ...     {"id": "rent", "labels": ["health"], "recipient": "*landlord*", "flow": "withhold"}]})
    >>> policy.norms("My landlord", "").of(("health",)), policy.norms("doctor", "").of(("health",))
    ('withhold', 'allow')
    >>> policy.why(("health",), "landlord", "")
    ('withhold', ('rent',))
    """

    name: str
    default: str = ALLOW
    rules: tuple[Rule, ...] = ()

    def norms(self, recipient: str, purpose: str) -> Norms:
        """What it comes to for one request."""
        speaking = [rule for rule in self.rules if rule.matches(recipient, purpose)]
        to_all = [rule.flow for rule in speaking if ANY in rule.labels]
        named: dict[str, list[str]] = {}
        for rule in speaking:
            for label in rule.labels:
                named.setdefault(label.casefold(), []).append(rule.flow)
        flows = {label: strictest((*given, *to_all)) for label, given in named.items() if label != ANY}
        return Norms(flows, strictest(to_all) if to_all else self.default)

    def why(self, labels: tuple[str, ...], recipient: str, purpose: str) -> tuple[str, tuple[str, ...]]:
        """The flow of something that carries these labels, and the ids of the rules that decide so."""
        flow = self.norms(recipient, purpose).of(labels)
        carried = {label.casefold() for label in labels} or {UNLABELLED}
        deciding = tuple(
            rule.id
            for rule in self.rules
            if rule.matches(recipient, purpose)
            and rule.flow == flow
            and (ANY in rule.labels or carried & {label.casefold() for label in rule.labels})
        )
        return flow, deciding or ("default",)

    def to_json(self) -> dict[str, Any]:
        """A JSON object, as it is written in a file."""
        return {"name": self.name, "default": self.default, "rules": [rule.to_json() for rule in self.rules]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """A policy of a JSON or TOML document; raises BadInput naming the field.

        >>> Policy.from_json({"name": "home", "rules": [{"id": "r", "labels": ["health"], "flow": "whisper"}]})
        Traceback (most recent call last):
        mnemic.core.errors.BadInput: rules[0].flow: 'whisper' is unknown; use one of allow, withhold, compressed, \
summary, stub
        """
        _known(data, ("name", "default", "rules"), "policy")
        name = _text(data, "name", "policy")
        if not name.strip() or len(name) > 200:
            raise BadInput("policy.name: give 1 to 200 characters")
        rules = data.get("rules", ())
        if not isinstance(rules, (list, tuple)):
            raise BadInput("policy.rules: expected a list")
        made = tuple(_rule(rule, f"rules[{i}]") for i, rule in enumerate(rules))
        if len({rule.id for rule in made}) != len(made):
            raise BadInput("policy.rules: two rules have one id; ids must be unique")
        return cls(name=name, default=_flow(data.get("default", ALLOW), "policy.default"), rules=made)


def _rule(data: Any, where: str) -> Rule:
    if not isinstance(data, Mapping):
        raise BadInput(f"{where}: expected an object")
    _known(data, ("id", "labels", "recipient", "purpose", "flow"), where)
    labels = data.get("labels")
    if not isinstance(labels, (list, tuple)) or not labels or not all(isinstance(x, str) and x.strip() for x in labels):
        raise BadInput(f"{where}.labels: expected a list of one or more labels, 'unlabelled', or '*'")
    return Rule(
        id=_text(data, "id", where),
        labels=tuple(labels),
        recipient=_text(data, "recipient", where, ANY),
        purpose=_text(data, "purpose", where, ANY),
        flow=_flow(data.get("flow", WITHHOLD), f"{where}.flow"),
    )


def _known(data: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    if unknown := [name for name in data if name not in names]:
        raise BadInput(f"{where}.{unknown[0]}: unknown field; known are {', '.join(names)}")


def _text(data: Mapping[str, Any], name: str, where: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise BadInput(f"{where}.{name}: expected text")
    return value


def _flow(value: Any, where: str) -> str:
    if value not in FLOWS:
        raise BadInput(f"{where}: {value!r} is unknown; use one of {', '.join(FLOWS)}")
    return str(value)
