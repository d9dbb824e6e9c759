"""A read-out: the RDM is not of the layer, but of what a function makes of it.

Units that are removed are zeros here, and the function, the rest of a network say,
responds to what is left. It is traced once for each shape; arrays that it closes over
are arguments of the kernels, so that weights are not compiled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from ..base import checks
from ..base.arrays import double_precision
from ..base.linear_readout import LinearReadout
from ..execution.devices import ComputeDevice
from ..io.checkpoints import digest
from ..kernels import readout as kernels

# Where a function that is printed lives, which differs from one trace to the next.
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


@dataclass(frozen=True)
class Traced:
    """A function of arrays ``(n, K)`` of one shape and dtype, without its constants.

    A static argument of kernels: two traces of one function that say the same are
    equal, whatever the values of the constants are, and share what was compiled.

    Attributes
    ----------
    text : str
        What it computes.
    owner : int
        Which function was traced.
    n_values : int
        Numbers that it computes on the way.
    """

    text: str
    owner: int
    jaxpr: Any = field(compare=False, repr=False)
    n_values: int = field(compare=False)

    def __call__(self, constants: list[Any], x: jax.Array) -> jax.Array:
        """Patterns ``(n, M)``."""
        return jaxpr_as_fun(ClosedJaxpr(self.jaxpr, constants))(x)[0]


class Step(NamedTuple):
    """A traced function, and its constants on the device."""

    traced: Traced
    constants: list[Any]


class FirstStep(NamedTuple):
    """A linear first step; its `total` ``(n, H)`` over all units, and what follows."""

    weight: jax.Array
    bias: jax.Array
    total: jax.Array
    rest: Step


@dataclass(frozen=True, eq=False)
class Reading:
    """What is read from a layer, some of whose units are zero.

    Attributes
    ----------
    function : callable
        The read-out.
    x : jax array (n, N)
        The layer as it was given, in the precision of the run.
    device : ComputeDevice
    """

    function: Callable[[jax.Array], Any]
    x: jax.Array
    device: ComputeDevice

    @staticmethod
    def of(readout: Any, features: Any, device: ComputeDevice) -> Reading:
        """Check a read-out on a layer.

        Raises
        ------
        ValueError
            No function of JAX arrays; patterns of another number of conditions, or
            with NaN.
        """
        if not callable(readout):
            raise ValueError(
                f"readout is of type {type(readout).__name__}; expected a function of "
                "JAX arrays, from a layer (n, n_units) to patterns (n, M)."
            )
        if isinstance(readout, LinearReadout):
            rows, n_units = len(readout.weight), features.shape[1]
            if rows != n_units:
                raise ValueError(
                    f"readout: weight has {rows} rows, and features {n_units} units; "
                    "expected one row for each unit."
                )
        with double_precision():
            x = device.put(jnp.asarray(features, device.dtype))
        reading = Reading(readout, x, device)
        bad = ~np.isfinite(reading.full).all(1)
        if bad.any():
            listed = ", ".join(map(str, np.flatnonzero(bad)[:5]))
            raise ValueError(
                f"readout returned NaN or infinity for {bad.sum()} condition(s), "
                f"{listed} (counted from 0), with all units in place; expected numbers."
            )
        return reading

    @property
    def name(self) -> str:
        """Of the function, or of its class."""
        function: Any = self.function
        if isinstance(function, LinearReadout):
            function = function.rest
        return getattr(function, "__name__", type(function).__name__)

    @cached_property
    def whole(self) -> Step:
        """The function, from the layer to the patterns."""
        return self._step(self.function, self.x.shape[1])

    @cached_property
    def first(self) -> FirstStep | None:
        """Its first step, if that is declared to be linear."""
        if not isinstance(self.function, LinearReadout):
            return None
        given, dtype = self.function, self.device.dtype
        with double_precision():
            weight, bias = (
                self.device.put(jnp.asarray(one, dtype))
                for one in (given.weight, given.bias)
            )
            total = kernels.first_step(self.x, weight, bias)
        return FirstStep(weight, bias, total, self._step(given.rest, len(bias)))

    @cached_property
    def full(self) -> np.ndarray:
        """Patterns ``(n, M)`` of the layer as it is."""
        return self.patterns(np.ones(self.x.shape[1], bool))

    def patterns(self, mask: np.ndarray) -> np.ndarray:
        """Patterns ``(n, M)`` of the layer with some units, others zero."""
        with double_precision():
            masked = kernels.masked(self.x, self.device.put(mask[None]))
            return np.asarray(kernels.patterns(*self.whole, masked)[0])

    @cached_property
    def identity(self) -> str:
        """Digest of what it does: to the layer, and to a half of it."""
        half = np.arange(self.x.shape[1]) % 2 == 0
        return digest(self.full, self.patterns(half))

    def rows(self, rows: np.ndarray) -> Reading:
        """The same of some conditions."""
        with double_precision():
            return Reading(self.function, self.x[rows], self.device)

    def _step(self, function: Callable[[jax.Array], Any], width: int) -> Step:
        traced, constants = trace(function, len(self.x), width, self.device.dtype)
        return Step(traced, [self.device.put(one) for one in constants])


def trace(
    function: Callable[[jax.Array], Any], n: int, width: int, dtype: str
) -> tuple[Traced, list[Any]]:
    """Trace a function for arrays ``(n, width)``; its constants apart.

    In the precision of the run: in float32 a constant of NumPy is float32, too.
    """
    given = jax.ShapeDtypeStruct((n, width), dtype)
    try:
        with jax.enable_x64(dtype == "float64"):
            # A function of its own each time: JAX keeps constants of NumPy for as long
            # as the function that was traced, whatever the precision of the next run.
            traced = jax.make_jaxpr(lambda x: function(x), return_shape=True)
            closed, shape = traced(given)
    except jax.errors.JAXTypeError as error:
        raise ValueError(
            "readout does with its argument what JAX cannot trace; expected a function "
            "of JAX arrays: use jax.numpy in it instead of numpy, and jnp.where "
            f"instead of if. JAX says: {str(error).splitlines()[0]}"
        ) from error
    got = getattr(shape, "shape", None)
    if got is None or len(got) != 2 or got[0] != n:
        what = f"an array {got}" if got is not None else type(shape).__name__
        raise ValueError(
            f"readout made {what} of a layer ({n}, {width}); expected patterns "
            f"({n}, M), one row for each condition."
        )
    checks.numeric("readout", shape)
    text = ADDRESS.sub("", str(closed.jaxpr))
    jaxpr = closed.jaxpr
    return Traced(text, id(function), jaxpr, _n_values(jaxpr)), closed.consts


def _n_values(jaxpr: Any) -> int:
    """Numbers that a function computes on the way, inner functions included."""
    total = 0
    for equation in jaxpr.eqns:
        total += sum(variable.aval.size for variable in equation.outvars)
        inner = jax.tree.leaves([*equation.params.values()], is_leaf=_is_inner)
        total += sum(_n_values(_inner(one)) for one in inner if _inner(one) is not None)
    return total


def _is_inner(value: Any) -> bool:
    return _inner(value) is not None


def _inner(value: Any) -> Any:
    """The function among the parameters of an equation; None of anything else."""
    value = getattr(value, "jaxpr", value)
    return value if hasattr(value, "eqns") else None
