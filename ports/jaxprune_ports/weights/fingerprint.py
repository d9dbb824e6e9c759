"""Which weights a network has, as a short text."""

from __future__ import annotations

import hashlib
from typing import Any


def weights_hash(net: Any) -> str:
    """SHA-256 of all weights that are there; what it asks for is `named_weights`."""
    total = hashlib.sha256()
    for name, values in net.named_weights():
        total.update(name.encode())
        total.update(values.tobytes())
    return total.hexdigest()
