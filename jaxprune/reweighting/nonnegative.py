r"""Ridge regression with weights of at least zero.

.. math:: \min_{w \ge 0,\, b} |y - b - Φ w|^2 + λ |w|^2

The dual problem has a variable for each pair, and no constraint but a zero sum:
:math:`w = \max(0, Φ^⊤ α)` where α minimises

.. math:: \tfrac12 |\max(0, Φ^⊤ α)|^2 + \tfrac λ2 |α|^2 - α^⊤ y;

then :math:`α = (y - b - Φ w) / λ`. This is strongly convex and piecewise quadratic:
Newton's method ends at the minimum, each step a linear system among the units whose
weight is not zero, solved by conjugate gradients. Φ is applied, never formed. The
Gram matrix of all units, reduced, is the preconditioner: with the share of the units
that are active, it stands for theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from .forms import Form
from .ridge import centred, symmetric
from .tridiagonal import Tridiagonal, reduce

# Relative error of the weights: a gradient g leaves one of at most |g| / (2 sqrt λ).
TOLERANCE = 1e-9
# Operations on the way to a gradient, whose errors add up.
ROUND_OFF = 64
MOST_NEWTON, MOST_CONJUGATE, BISECTIONS = 200, 1000, 50


class State(NamedTuple):
    """Dual variables α, their image ``Φᵀ α``, and the gradient.

    With the norm of the gradient one step earlier, and the steps so far.
    """

    alpha: Array
    image: Array
    gradient: Array
    before: Array
    steps: Array


def nonnegative(
    form: Form,
    x: Array,
    i: np.ndarray,
    j: np.ndarray,
    y: np.ndarray,
    penalties: np.ndarray,
    gram: Array | None,
    pairs: np.ndarray,
    *,
    variance: float,
) -> Array:
    """Weights ``(L, N)`` of at least zero.

    Arguments are those of `ridge.dual`; `variance` is the trace of the pairs' centred
    Gram matrix, a bound on its eigenvalues. Without `gram`, nothing is preconditioned.
    """
    whole = None if gram is None else _reduced(gram, pairs)
    residual = around = y - y.mean()
    weights = np.empty((len(penalties), x.shape[1]))
    # From strong to weak: the residuals of one penalty are a good start for the next.
    for index in np.argsort(-penalties):
        weights[index], residual, steps = solve(
            form, x, i, j, around, penalties[index], residual, whole, variance
        )
        if steps >= MOST_NEWTON:
            raise RuntimeError(
                f"non-negative weights did not converge in {MOST_NEWTON} steps for "
                f"penalty {penalties[index]:g}; give stronger penalties."
            )
    return jnp.asarray(weights)


@jax.jit
def _reduced(gram: Array, pairs: Array) -> Tridiagonal:
    return reduce(centred(gram, pairs))


@partial(jax.jit, static_argnames="form")
def solve(
    form: Form,
    x: Array,
    i: Array,
    j: Array,
    y: Array,
    penalty: Array,
    residual: Array,
    whole: Tridiagonal | None,
    variance: float,
) -> tuple[Array, Array, Array]:
    """Weights ``(N,)``, residuals ``(p,)`` and Newton steps of one penalty.

    Parameters
    ----------
    form, x, i, j
        As of `ridge.dual`.
    y : (p,)
        Centred dissimilarities.
    penalty : scalar
    residual : (p,)
        Where to start, of zero sum.
    whole : Tridiagonal or None
        Centred Gram matrix of all units.
    variance : float
        As of `nonnegative`.
    """
    norm = jnp.linalg.norm
    round_off = ROUND_OFF * variance * jnp.finfo(x.dtype).eps

    def to_units(alpha: Array) -> Array:
        return form.adjoint(x, symmetric(alpha, i, j, len(x)))

    def to_pairs(weights: Array) -> Array:
        values = form.apply(x, weights)[i, j]
        return values - jnp.mean(values)

    def at(alpha: Array, before: Array, steps: Array) -> State:
        image = to_units(alpha)
        gradient = to_pairs(jnp.maximum(image, 0)) + penalty * alpha - y
        return State(alpha, image, gradient, before, steps)

    def unfinished(state: State) -> Array:
        size = norm(state.gradient)
        precise = size <= TOLERANCE * jnp.sqrt(penalty) * norm(
            jnp.maximum(state.image, 0)
        )
        # Where a gradient may be round-off, steps go on while they still help.
        lost = (size <= round_off * norm(state.alpha)) & (size > state.before / 2)
        return ~(precise | lost) & (state.steps < MOST_NEWTON)

    def newton(state: State) -> State:
        active = state.image > 0

        def hessian(alpha: Array) -> Array:
            return to_pairs(jnp.where(active, to_units(alpha), 0)) + penalty * alpha

        share = jnp.maximum(jnp.mean(active, dtype=x.dtype), 1 / len(active))

        def almost_inverse(b: Array) -> Array:
            if whole is None:
                return b
            # (s A + λ I)⁻¹ = (A + λ / s I)⁻¹ / s, for a share s.
            nearly = whole.back(whole.solve(penalty / share, whole.to(b)))
            # The sum stays zero. A says nothing of it, and rounding would grow.
            return nearly - jnp.mean(nearly)

        # The closer, the more exactly, up to what rounding allows.
        relative = jnp.clip(norm(state.gradient) / norm(y), 1e-4, 0.1)
        step = _conjugate_gradients(hessian, almost_inverse, -state.gradient, relative)
        change = to_units(step)

        def slope(length: Array) -> Array:
            # As a change of the slope at the start: its terms would cancel.
            image = jnp.maximum(state.image + length * change, 0)
            added = (image - jnp.maximum(state.image, 0)) @ change
            return state.gradient @ step + added + length * penalty * (step @ step)

        def halve(_: int, interval: tuple[Array, Array]) -> tuple[Array, Array]:
            low, high = interval
            middle = (low + high) / 2
            rising = slope(middle) > 0
            return jnp.where(rising, low, middle), jnp.where(rising, middle, high)

        # The whole step, or to the minimum on the way: no step goes up.
        zero, one = jnp.zeros((), x.dtype), jnp.ones((), x.dtype)
        low, high = lax.fori_loop(0, BISECTIONS, halve, (zero, one))
        length = jnp.where(high == one, one, low)
        before = norm(state.gradient)
        return at(state.alpha + length * step, before, state.steps + 1)

    start = at(residual / penalty, jnp.full((), jnp.inf, x.dtype), jnp.array(0))
    state = lax.while_loop(unfinished, newton, start)
    return jnp.maximum(state.image, 0), penalty * state.alpha, state.steps


def _conjugate_gradients(
    matrix: Callable[[Array], Array],
    almost_inverse: Callable[[Array], Array],
    b: Array,
    relative: Array,
) -> Array:
    """Solve ``matrix(x) = b`` to a relative residual (Hestenes and Stiefel 1952)."""
    enough = relative * jnp.linalg.norm(b)

    def unfinished(state: tuple[Array, ...]) -> Array:
        _, residual, _, _, steps = state
        return (jnp.linalg.norm(residual) > enough) & (steps < MOST_CONJUGATE)

    def advance(state: tuple[Array, ...]) -> tuple[Array, ...]:
        x, residual, direction, product, steps = state
        image = matrix(direction)
        length = product / (direction @ image)
        residual = residual - length * image
        nearly = almost_inverse(residual)
        after = residual @ nearly
        following = nearly + (after / product) * direction
        return x + length * direction, residual, following, after, steps + 1

    first = almost_inverse(b)
    start = (jnp.zeros_like(b), b, first, b @ first, jnp.array(0))
    return lax.while_loop(unfinished, advance, start)[0]
