"""Stimulus sets by name: which conditions, in which order, how many instances.

Every design is called with ``(n_instances, seed, size)``, all of them optional, and
returns a :class:`~jaxprune.stimuli.StimulusSet`.
"""

from collections.abc import Callable
from functools import partial

from ..stimulus_set import StimulusSet
from .dewind_train import dewind_train as dewind_train
from .dot_arrays import dot_arrays as dot_arrays
from .karami32 import karami32 as karami32
from .kim import kim as kim
from .nasr import nasr as nasr
from .one_to_ten import one_to_ten as one_to_ten
from .park35 import park35 as park35

DESIGNS: dict[str, Callable[..., StimulusSet]] = {
    "karami32": karami32,
    "nasr": nasr,
    "kim": kim,
    "dewind_train": dewind_train,
    "park35": park35,
    "one_to_ten": one_to_ten,
    "one_to_ten_constant_area": partial(one_to_ten, variant="constant_area"),
    "dot_arrays": dot_arrays,
}
