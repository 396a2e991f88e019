"""The code of each error, by which it is told over HTTP and made anew by a client."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mnemic.core import errors
from mnemic.core.errors import MnemicError

#: A class that is not here is told as its nearest parent.
ERRORS: Mapping[str, type[MnemicError]] = MappingProxyType(
    {
        "bad-input": errors.BadInput,
        "not-found": errors.NotFound,
        "store-unavailable": errors.StoreError,
        "model-unavailable": errors.ModelUnavailable,
        "embedder-mismatch": errors.EmbedderMismatch,
        "refused": errors.Refused,
        "conflict": errors.Conflict,
        "recipe-changed": errors.RecipeChanged,
        "outdated": errors.Outdated,
        "model-failure": errors.ModelFailure,
        "out-of-budget": errors.OutOfBudget,
        "too-large": errors.TooLarge,
        "unauthenticated": errors.Unauthenticated,
        "denied": errors.Denied,
        "failure": MnemicError,
    }
)
