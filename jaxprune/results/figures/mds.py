"""Conditions as points: close together where the RDM calls them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Rectangle
from scipy.linalg import orthogonal_procrustes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .common import View
from ...base.arrays import squareform
from ...plots import MISSING, count
from .common import SMALL, side_by_side, titled
from .conditions import colours_of, legend_of

# More labels than this lie on one another.
LABELS = 24
# Side of a thumbnail, as a share of the panel.
THUMBNAIL = 0.1
# Longer side of its picture: what 7 mm show in print.
PIXELS = 160


def scaled(rdm: np.ndarray) -> tuple[np.ndarray, float]:
    r"""Place conditions in a plane by classical scaling.

    With :math:`B = -\tfrac12 J D^{(2)} J` of the squared dissimilarities, centred, the
    coordinates are the first two eigenvectors of B times the roots of their
    eigenvalues [1]_.

    Parameters
    ----------
    rdm : ndarray (P,)
        Without NaN.

    Returns
    -------
    points : ndarray (n, 2)
    share : float
        Of the sum of positive eigenvalues, what the plane shows.

    References
    ----------
    .. [1] Torgerson (1952). Multidimensional scaling: I. Theory and method.
       Psychometrika 17, 401-419.

    Examples
    --------
    >>> points, share = scaled(np.array([1.0, 3.0, 2.0]))  # on a line: 0, 1, 3
    >>> points[:, 0].round(2).tolist(), round(share, 6)
    ([-1.33, -0.33, 1.67], 1.0)
    """
    squares = squareform(rdm) ** 2
    centred = squares - squares.mean(0)
    values, vectors = np.linalg.eigh(-(centred - centred.mean(1, keepdims=True)) / 2)
    largest = np.maximum(values[:-3:-1], 0)
    points = vectors[:, :-3:-1] * np.sqrt(largest)
    # The sign of an eigenvector is anybody's; the largest coordinate is made positive.
    ends = np.take_along_axis(points, np.abs(points).argmax(0)[None], 0)
    total = values[values > 0].sum()
    share = float(largest.sum() / total) if total else 0.0
    return points * np.where(ends < 0, -1, 1), share


def aligned(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Turn and mirror points, and make them as large, as is closest to others."""
    turn, _ = orthogonal_procrustes(points, reference)
    size = np.linalg.norm(points)
    return points @ turn * (np.linalg.norm(reference) / size if size else 1)


def draw_mds(axes: Axes, view: View) -> None:
    """Draw conditions by target, all units and retained units, turned alike."""
    panels = side_by_side(axes, 3)
    reference = None
    for panel, (name, rdm) in zip(panels, view.rdms.items(), strict=True):
        panel.set_xticks([])
        panel.set_yticks([])
        panel.spines[:].set_color(MISSING)
        if np.isnan(rdm).any():
            titled(panel, name)
            text = f"{count(np.isnan(rdm).sum(), 'pair')}\nmissing:\nno map"
            style: dict[str, Any] = {"ha": "center", "va": "center", **SMALL}
            panel.text(0.5, 0.5, text, transform=panel.transAxes, **style)
            continue
        points, share = scaled(rdm)
        if reference is None:
            reference = points
        points = aligned(points, reference)
        titled(panel, name)
        panel.set_xlabel(f"{100 * share:.0f} % of the variance", **SMALL)
        _draw_points(panel, points, view)
    legend_of(axes, view, lines=2)


def _draw_points(panel: Axes, points: np.ndarray, view: View) -> None:
    """Conditions as pictures, else as dots, with labels where there are few."""
    low, high = points.min(0), points.max(0)
    half = (high - low).max() / 2 * (1.1 if view.images is None else 1 + THUMBNAIL)
    (left, bottom), (right, top) = (low + high) / 2 + np.array([[-1], [1]]) * (
        half or 1
    )
    limits = {"xlim": (left, right), "ylim": (bottom, top)}
    panel.set(**limits, aspect="equal")
    colours = colours_of(view)
    panel.scatter(*points.T, c=colours, s=12, lw=0)
    if view.images is not None:
        for image, point, colour in zip(view.images, points, colours, strict=True):
            if image is not None:
                edge = None if view.categories is None else colour
                _draw_thumbnail(panel, image, point, half * THUMBNAIL, edge)
        panel.set(**limits)
        return
    labels = view.result.conditions
    if labels is not None and len(labels) <= LABELS:
        style: dict[str, Any] = {"textcoords": "offset points", **SMALL}
        for label, point in zip(labels, points, strict=True):
            panel.annotate(label, tuple(point), (2, 2), **style)


def _draw_thumbnail(
    panel: Axes, image: Any, point: np.ndarray, half: float, edge: Any
) -> None:
    """An image around a point, framed in the colour of its category."""
    from PIL import Image

    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.ascontiguousarray(image))
    picture = image.convert("RGB")
    picture.thumbnail((PIXELS, PIXELS), Image.Resampling.LANCZOS)
    w, h = half * np.array(picture.size) / max(picture.size)
    x, y = point
    frame = (x - w, x + w, y - h, y + h)
    panel.imshow(np.asarray(picture), extent=frame, interpolation="antialiased")
    if edge is not None:
        box = Rectangle((x - w, y - h), 2 * w, 2 * h, fill=False, ec=edge, lw=0.8)
        panel.add_patch(box)
