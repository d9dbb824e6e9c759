"""IS IT REAL: how a result compares with chance."""

from .overlap import Overlap as Overlap
from .overlap import overlap as overlap

__all__ = ["Overlap", "overlap"]
