"""Shape aliases: ``n`` conditions, ``N`` units, ``P`` pairs, ``k`` targets.

``B`` is a batch of units, masks or prefixes that are computed side by side.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from jax import Array
from jaxtyping import Bool, Float, Int

Features: TypeAlias = Float[Array, "n N"]
Columns: TypeAlias = Float[Array, "B n"]
Masks: TypeAlias = Bool[Array, "B N"]
Dissimilarities: TypeAlias = Float[Array, " P"]
Targets: TypeAlias = Float[Array, "k P"]
Scores: TypeAlias = Float[Array, "k B"]
PairIndex: TypeAlias = Int[Array, " P"]
Pairs: TypeAlias = tuple[PairIndex, PairIndex]
State: TypeAlias = Any
# Targets as a comparison wants them: an array (k, P), or a pytree of arrays.
Prepared: TypeAlias = Any

Undefined: TypeAlias = Literal["nan", "zero"]
