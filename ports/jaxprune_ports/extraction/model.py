"""What an extraction asks of a network, in JAX or in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from ..images.images import Images
from ..networks.network import Source


class Model(Protocol):
    """A network whose layers can be read, batch by batch.

    Attributes
    ----------
    name : str
    source : Source
        Of the weights.
    token : str or None
        Which tokens are taken of outputs that have some.
    preprocessing : Preprocessing
        Unless told otherwise. Of texts another dataclass: what was done with them.
    batch_size : int
        Images computed at a time, unless told otherwise.
    computed : str
        Precision and device.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> Source: ...  # noqa: D102
    @property
    def preprocessing(self) -> Any: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def token(self) -> str | None: ...  # noqa: D102
    @property
    def computed(self) -> str: ...  # noqa: D102

    def open(self, images: Any) -> Images:
        """Find what the network is shown."""
        ...

    def find(self, layers: Sequence[str] | str | None) -> tuple[str, ...]:
        """Check names of layers; None and "all" stand for the usual ones."""
        ...

    def named_weights(self) -> Iterable[tuple[str, np.ndarray]]:
        """Yield all weights, which a run that goes on has to have, too."""
        ...

    def reading(
        self, layers: Sequence[str] | None, relu: bool, batch_size: int
    ) -> AbstractContextManager[Callable[[np.ndarray], Mapping[str, Any]]]:
        """Give a function from a batch of preprocessed images to responses by layer.

        Responses are ``(m, h, w, channels)`` or ``(m, units)``, further rows ignored.
        """
        ...
