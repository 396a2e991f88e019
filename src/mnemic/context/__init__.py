"""Context: what was found, fitted into a model's window. Importing the package registers its stages."""

from mnemic.context.full_context import FullContext
from mnemic.context.within_budget import WithinBudget

__all__ = ["FullContext", "WithinBudget"]
