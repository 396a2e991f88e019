"""Calibration: thresholds as quantiles of the cosine between random texts.

``threshold(q)`` is the cosine that a share ``q`` of random pairs stays below. "More similar than 99.9 % of
random pairs" means the same for every embedder, while "cosine above 0.8" is rare for one and ordinary for
another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from mnemic.core.errors import BadInput
from mnemic.models.ports import Embedder

_POINTS = 1001
# Matrix products differ in the last bits between machines; six decimals do not.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Distribution of the cosine between random texts for one embedder.

    Parameters
    ----------
    fingerprint
        Fingerprint of the embedder.
    quantiles
        Cosines at equally spaced quantiles from 0 to 1, not decreasing; :func:`calibrate` gives 1,001 of
        them.

    Raises
    ------
    BadInput
        Fewer than two quantiles, or they are not in order.

    >>> calibration = Calibration("00", (0.0, 0.2, 0.8))
    >>> round(calibration.threshold(0.75), 3)
    0.5
    >>> round(calibration.quantile(0.5), 3)
    0.75
    """

    fingerprint: str
    quantiles: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.quantiles) < 2:
            raise BadInput(f"quantiles must be at least two numbers, not {len(self.quantiles)}")
        if not bool(np.all(np.diff(self.quantiles) >= 0)):
            raise BadInput("quantiles must not decrease: calibrate the embedder again")

    def threshold(self, q: float) -> float:
        """Cosine that a share ``q`` of random pairs does not exceed, linear between quantiles.

        Parameters
        ----------
        q
            Share of random pairs, 0 to 1.

        Raises
        ------
        BadInput
            ``q`` is not between 0 and 1.
        """
        if not 0.0 <= q <= 1.0:
            raise BadInput(f"q must be between 0 and 1, not {q}")
        return float(np.interp(q * (len(self.quantiles) - 1), np.arange(len(self.quantiles)), self.quantiles))

    def quantile(self, cos: float) -> float:
        """Share of random pairs whose cosine does not exceed ``cos``: the inverse of :meth:`threshold`.

        Parameters
        ----------
        cos
            A cosine of two vectors of the calibrated embedder.
        """
        last = len(self.quantiles) - 1
        above = int(np.searchsorted(self.quantiles, cos, side="right"))
        if above == 0:
            return 0.0
        if above > last:
            return 1.0
        low, high = self.quantiles[above - 1], self.quantiles[above]
        return (above - 1 + (cos - low) / (high - low)) / last

    def to_json(self) -> dict[str, Any]:
        """A dictionary that :mod:`json` can write."""
        return {"fingerprint": self.fingerprint, "quantiles": list(self.quantiles)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Read what :meth:`to_json` gave.

        Parameters
        ----------
        data
            Dictionary with ``fingerprint`` and ``quantiles``.

        Raises
        ------
        BadInput
            A key is missing or of another type.
        """
        try:
            return cls(str(data["fingerprint"]), tuple(float(value) for value in data["quantiles"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"not a calibration ({error}): it needs fingerprint and quantiles") from error


def calibration_texts() -> list[str]:
    """The fixed texts: everyday, technical and spoken sentences, each on a subject of its own.

    >>> len(calibration_texts()) >= 160
    True
    """
    content = files("mnemic.models").joinpath("calibration_texts.txt").read_text("utf-8")
    return content.splitlines()


def calibrate(embedder: Embedder) -> Calibration:
    """Measure the cosine between all pairs of the fixed texts.

    Parameters
    ----------
    embedder
        Any embedder; the texts are embedded as documents.

    >>> from mnemic.models.hashing_embedder import HashingEmbedder
    >>> calibration = calibrate(HashingEmbedder())
    >>> len(calibration.quantiles), calibration.threshold(0.5) < calibration.threshold(0.99)
    (1001, True)
    """
    vectors = embedder.embed_documents(calibration_texts()).astype(np.float64)
    rows, columns = np.triu_indices(len(vectors), k=1)
    cosines = (vectors @ vectors.T)[rows, columns]
    quantiles = np.quantile(cosines, np.linspace(0.0, 1.0, _POINTS)).round(_DECIMALS)
    return Calibration(embedder.spec.fingerprint, tuple(quantiles.tolist()))
