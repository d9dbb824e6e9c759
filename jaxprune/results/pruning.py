"""The result of a pruning, which saves, loads and draws itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .exports import curve_frame, to_frame, to_rsatoolbox, to_torch_mask
from .loading import read_pruning
from .records import PruningFields, Settings
from .saving import save_pruning

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Pruning(PruningFields):
    """Importance, ranking, reintroduction and the units retained.

    Attributes
    ----------
    full_score : float or ndarray (k,)
        Score of all units.
    importance : ndarray (N,) or (k, N)
        Leave-one-out importance of every unit in the whole layer; NaN where removing
        the unit leaves the score undefined. Shapley values with
        ``importance="shapley"``.
    order : ndarray of int (N,) or (k, N)
        Units from most to least important; undefined ones first, ties by index. With
        ``search="backward"`` the last to leave comes first, with ``"forward"`` the
        first to join.
    curve : ndarray (S,) or (k, S)
        ``curve[j]`` is the score of the first ``sizes[j]`` units of ``order``.
    sizes : ndarray of int (S,)
        1, 2, ..., N unless others were asked for; `best_size` is one of them.
    best_size, best_score : int and float, or ndarrays (k,)
        The best prefix.
    retained : ndarray of int, or list of k of them
        Sorted indices of the units of the best prefix.
    target_rdm : ndarray (P,) or (k, P)
        The target dissimilarities, NaN where a pair was missing.
    full_rdm : ndarray (P,)
        RDM of all units.
    pruned_rdm : ndarray (P,) or (k, P)
        RDM of the retained units.
    groups : ndarray (G,) or None
        Names of the groups of units, if these were ranked: then `importance` is
        ``(G,)`` or ``(k, G)``, `order` holds indices into `groups`, and `sizes`,
        `curve` and `best_size` count groups.
    retained_groups : ndarray of int, or list of k of them
        Sorted indices into `groups`; None without.
    group_of : ndarray of int (N,) or None
        Group of each unit, -1 for those in none, which are always retained.
    plain_full_score, plain_best_score : float, or ndarrays (k,), or None
        With controls: what the same units score without taking them out.
    conditions : tuple of str or None
        Condition labels in the order used, where known.
    units : mapping of str to sequence (N,), or None
        What is known of the units: names, channel, position.
    paths, dtype, device
        ``paths`` names the path of each step (``importance``, ``reintroduction``, and
        ``search`` if there was one).
    settings : Settings
        The options that change the numbers.
    """

    def save(
        self,
        directory: str | Path,
        *,
        features: Any = None,
        report: str | bool = True,
        **extra: Any,
    ) -> Path:
        """Write tables, arrays, summary, figure and page.

        Parameters
        ----------
        directory : str or Path
        features : array_like (n, N), optional
            That were pruned: the page then has the RDMs of some forty sizes.
        report : bool or str
            Whether to write ``report.html``, or its text.
        **extra
            See :func:`jaxprune.results.save_pruning`.
        """
        if report is True:
            from ..explain import pruning_page

            report = pruning_page(self, features=features).html()
        return save_pruning(self, directory, report=report or None, **extra)

    @staticmethod
    def load(directory: str | Path) -> Pruning:
        """Read back what :meth:`save` wrote, array by array.

        Parameters
        ----------
        directory : str or Path
            The folder; only its ``result.npz`` is read, never with pickle.

        Raises
        ------
        FileNotFoundError
            There is no such folder, or it holds no complete result.
        InputError
            Its ``result.npz`` is damaged.
        """
        fields = read_pruning(directory)
        fields["settings"] = Settings(**fields["settings"])
        return Pruning(**fields)

    def to_frame(self) -> Any:
        """Units as a DataFrame of pandas: importance, rank, retained, what is known."""
        return to_frame(self)

    def curve_frame(self) -> Any:
        """Scores of the numbers of units as a DataFrame of pandas."""
        return curve_frame(self)

    def to_rsatoolbox(self) -> tuple[Any, Any]:
        """RDMs of all and of the retained units, and a `ModelFixed` of the latter.

        Returns
        -------
        rdms : rsatoolbox.rdm.RDMs
        model : rsatoolbox.model.ModelFixed, or one a target as a list
        """
        return to_rsatoolbox(self)

    def explain(self, directory: str | Path, **given: Any) -> Path:
        """Say what the retained units do: :func:`jaxprune.explain.explain`."""
        from ..explain import explain

        return explain(self, directory, **given)

    def to_torch_mask(
        self,
        module_layer: Any,
        target: int | None = None,
        channels_last: bool = False,
    ) -> Any:
        """Prune a layer of a PyTorch module while it runs, by a forward hook.

        Parameters
        ----------
        module_layer : torch.nn.Module
            The layer that the features were read from.
        target : int, optional
            Whose units, where there are several targets.
        channels_last : bool
            Whether the layer puts out ``(n, H, W, C)``.

        Returns
        -------
        torch.utils.hooks.RemovableHandle
            See :func:`jaxprune.results.exports.to_torch_mask`.
        """
        return to_torch_mask(self, module_layer, target, channels_last)

    def plot(
        self,
        part: str | None = None,
        axes: Axes | None = None,
        *,
        style: str = "screen",
        width: float | None = None,
        target: int | None = None,
        images: Sequence[Any] | None = None,
        categories: Sequence[Any] | None = None,
    ) -> Figure:
        """Draw a part of the result, or curve, importances and RDMs together.

        Parameters
        ----------
        part : str, optional
            - ``"curve"``: scores of the most important units, 1, 2, ..., N;
            - ``"importance"``: what the score loses without each unit;
            - ``"rdms"``: target, all units and retained units, in percentiles;
            - ``"map"``: share of retained units at every position of a convolutional
              layer (`units` has ``y`` and ``x``);
            - ``"mds"``: conditions in a plane, by classical scaling of the same RDMs,
              turned alike;
            - ``"dendrogram"``: conditions as trees, average linkage of percentiles.
        axes : matplotlib.axes.Axes, optional
            Where to draw the part; parts with several panels divide it. By default a
            figure of its own.
        style : {"screen", "column", "page"}
            ``"column"`` (89 mm wide) and ``"page"`` (183 mm) are as journals print:
            text of 7 pt in Arial or what is closest to it, thin lines, text that stays
            text in PDF and SVG. ``savefig("curve.pdf")`` then saves in that size.
        width : float, optional
            Of the figure, in mm, for journals with other columns.
        target : int, optional
            Of several targets, the one to show, from 0; by default the first, and in
            the curve all of them.
        images : sequence of ndarray (n,), optional
            Of ``"mds"``: a picture of each condition, in their order, as uint8 or of
            Pillow; None where there is none.
        categories : sequence (n,), optional
            Of ``"mds"`` and ``"dendrogram"``: labels that give conditions a colour.

        Returns
        -------
        matplotlib.figure.Figure
            Tied to no window; ``savefig`` takes any format of matplotlib.

        Raises
        ------
        ValueError
            An unknown part or style; `images` or `categories` that are not one for each
            condition; a map of units without positions.

        Examples
        --------
        >>> import numpy as np, jaxprune as jp
        >>> rng = np.random.default_rng(0)
        >>> result = jp.prune(rng.random((6, 20)), rng.random(15))
        >>> figure = result.plot("curve", style="column")
        >>> round(figure.get_figwidth() * 25.4)
        89
        """
        from .figures import plot_part, pruning_figure

        if part is not None:
            chosen = {"target": target, "images": images, "categories": categories}
            return plot_part(self, part, axes, style=style, width=width, **chosen)
        given = {"axes": axes, "target": target, "images": images}
        for name, value in {**given, "categories": categories}.items():
            if value is not None:
                raise ValueError(f"{name} was given without part; name one to draw.")
        return pruning_figure(self, style, width)
