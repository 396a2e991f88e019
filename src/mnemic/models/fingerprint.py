"""Fingerprints: one hash over everything that shapes a vector.

``fingerprint = sha256(canonical JSON of the parts)``. Stored vectors carry it, so that vectors of two spaces
are never compared by mistake.
"""

from __future__ import annotations

import hashlib
import json


def fingerprint(**parts: str | int) -> str:
    """Hash named parts to 64 hexadecimal digits, whatever their order.

    Parameters
    ----------
    parts
        Everything a change of which changes the vectors: hash of the weights, pooling, prefixes, length
        limit.

    >>> fingerprint(pooling="cls", max_len=512) == fingerprint(max_len=512, pooling="cls")
    True
    >>> fingerprint(pooling="cls") == fingerprint(pooling="mean")
    False
    """
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
