"""Equations as MathML, which browsers draw themselves: no script, no network."""

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

# The sign for "without" of docutils is in few fonts, this one in most.
WITHOUT = str.maketrans("⧵", "∖")
# Sizes of brackets, which docutils does not know; MathML lets brackets grow.
SIZES = re.compile(r"\\[bB]igg?[lr]?(?![a-zA-Z])")


def _drawn(node: nodes.Element, block: bool) -> str:
    try:
        drawn = tex2mathml(SIZES.sub("", node.astext()), as_block=block)
    except MathError as error:
        getLogger(__name__).warning("%s: %s", error, node.astext(), location=node)
        return ""
    return drawn.translate(WITHOUT)


def _inline(translator, node: nodes.math) -> None:
    translator.body.append(_drawn(node, False))
    raise nodes.SkipNode


def _block(translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="equation">{_drawn(node, True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
