"""Figures of the gallery: the palette of the package, and figures without a window."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

from jaxprune.plots import COLOURS

STYLE = {
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "savefig.dpi": 120,
}
_drawn: set[int] = set()


def apply(config: dict, script: str) -> None:
    """Before every example, for sphinx-gallery."""
    del config, script
    _drawn.clear()
    plt.rcParams.update(STYLE)


def windowless(block: tuple, block_vars: dict, gallery_conf: dict) -> str:
    """Show figures of `Pruning.plot` and the like, which are tied to no window."""
    del block
    _drawn.update(id(plt.figure(number)) for number in plt.get_fignums())
    names = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and id(value) not in _drawn:
            path = Path(next(block_vars["image_path_iterator"]))
            value.savefig(path, dpi=STYLE["savefig.dpi"])
            _drawn.add(id(value))
            names.append(str(path))
    return figure_rst(names, gallery_conf["src_dir"])
