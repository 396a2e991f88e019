"""Optional dependencies: import one when it is needed, or say which extra brings it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mnemic.core.errors import ModelUnavailable


def require(module: str, extra: str) -> Any:
    """Import an optional module.

    Parameters
    ----------
    module
        Import name, such as ``"onnxruntime"``.
    extra
        The extra of this package that installs it, such as ``"local"``.

    Raises
    ------
    ModelUnavailable
        The module is not installed; the message names the command that installs it.

    >>> require("json", "local").dumps([1])
    '[1]'
    >>> require("no_such_module", "local")
    Traceback (most recent call last):
    mnemic.core.errors.ModelUnavailable: no_such_module is not installed: run `pip install "mnemic[local]"`
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ModelUnavailable(f'{module} is not installed: run `pip install "mnemic[{extra}]"`') from error
