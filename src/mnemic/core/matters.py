"""Matters: the labels that say what something is about, apart from those by which stages find their own records."""

from __future__ import annotations

from collections.abc import Iterable

#: What stages note about the form or the standing of a record; who may learn of it does not depend on these.
FORMS = frozenset({"stale", "style", "preference", "plan", "change", "instruction", "question", "commitment"})


def is_matter(label: str) -> bool:
    """Whether a label says what something is about.

    >>> [label for label in ("Health", "stale", "head=anna", "fold:topic") if is_matter(label)]
    ['Health']
    """
    return label.casefold() not in FORMS and "=" not in label and ":" not in label


def matters_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that are matters, each once, compared without case.

    >>> matters_of(("Health", "stale", "health"))
    ('health',)
    """
    return tuple(dict.fromkeys(label.casefold() for label in labels if is_matter(label)))
