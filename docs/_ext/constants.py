"""What public names mean that are neither functions nor classes.

Sphinx would show the docstring of ``dict`` or ``str``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


CONSTANTS = {
    "jaxprune.__version__": "Version of the package, text.",
    "jaxprune.comparisons.ALIASES": "Other names of comparisons: those of rsatoolbox.",
    "jaxprune.comparisons.COMPARISONS": "Comparisons of RDMs by the names that "
    "``compare=`` takes.",
    "jaxprune.inference.PROTOCOLS": "Published protocols of cross-validation: "
    "arguments of `jaxprune.inference.cross_validate` by the name of the paper.",
    "jaxprune.io.SUFFIXES": "Suffixes of files that are read.",
    "jaxprune.metrics.METRICS": "Metrics by the names that ``metric=`` takes.",
    "jaxprune.numerosity.AXES": "Axes of number along which tuning curves are fitted.",
    "jaxprune.numerosity.RULES": "Rules for number detectors by name.",
    "jaxprune.stimuli.DESIGNS": "Designs of dot arrays by name.",
    "jaxprune.stimuli.MIXED_ON_GREY": "Black and white dots on grey.",
    "jaxprune.stimuli.SHAPES": "Shapes of items other than dots, by name.",
    "jaxprune.stimuli.WHITE_ON_BLACK": "White dots on black.",
    "jaxprune.studies.STUDIES": "Studies by name, and a line about each.",
    "jaxprune_ports.CAFFE": "Preprocessing of networks that came from Caffe: BGR means "
    "subtracted, no division.",
}


def _describe(app, what, name, obj, options, lines) -> None:
    del app, what, options
    if name not in CONSTANTS:
        return
    lines[:] = [CONSTANTS[name]]
    if isinstance(obj, dict | tuple | list | set | frozenset):
        lines += ["", "It holds " + ", ".join(f"``{key}``" for key in obj) + "."]


def setup(app: Sphinx) -> dict:
    """Replace docstrings, after numpydoc has read them."""
    app.connect("autodoc-process-docstring", _describe, priority=900)
    return {"parallel_read_safe": True}
