"""Facts and tables of 80 ASCII columns, for terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..base.facts import LABEL, WIDTH
from ..base.facts import fact as fact
from ..base.facts import number as number
from ..base.facts import percent as percent
from ..base.facts import wrapped as wrapped
from ..io.labelled import short

BIASED = "best score: the maximum over sizes on these data, so biased upwards"


def table(rows: Sequence[Sequence[str]], words: Sequence[int] = (0,)) -> str:
    """Align columns: those of words to the left, the others to the right.

    >>> print(table([["area", "units"], ["V1", "200,704"], ["IT", "25,088"]]))
    area    units
    V1    200,704
    IT     25,088
    """
    columns = []
    for i, column in enumerate(zip(*rows, strict=True)):
        align = str.ljust if i in words else str.rjust
        columns.append([align(cell, max(map(len, column))) for cell in column])
    lines = zip(*columns, strict=True)
    return "\n".join("  ".join(cells).rstrip() for cells in lines)


def shortened(text: str, width: int = WIDTH - LABEL) -> str:
    """Leave out the middle of what does not fit.

    >>> shortened("abcdefghij", 7)
    'ab...ij'
    """
    if len(text) <= width:
        return text
    half = (width - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def source(text: str, shape: str) -> str:
    """Name a file without its folders, and say what it holds.

    >>> source("data/x.npz [pool5]", "3 x 9")
    'x.npz [pool5]: 3 x 9'
    """
    return f"{shortened(short(text), WIDTH - LABEL - len(shape) - 2)}: {shape}"


def layer_rows(
    scores: Mapping[str, Mapping[str, Any]], first: str = "layer"
) -> list[list[str]]:
    """Return a header and a row for every layer; medians where targets are several.

    Parameters
    ----------
    scores : mapping of str to mapping
        What :func:`jaxprune.io.summary.scores` returns, by layer.
    first : str
        Head of the first column.

    Examples
    --------
    >>> it = {"n_units": 9, "full_score": 0.25, "best_score": 0.5, "best_size": 4}
    >>> print(table(layer_rows({"IT": it})))
    layer  units   full   best  kept
    IT         9  0.250  0.500     4  44.4%
    """
    ranked = "groups" if all("n_groups" in one for one in scores.values()) else "units"
    rows = [[first, ranked, "full", "best", "kept", ""]]
    for layer, found in scores.items():
        n = found[f"n_{ranked}"]
        keys = ("full_score", "best_score", "best_size")
        full, best, size = (_median(found[key]) for key in keys)
        kept = [f"{size:,.0f}", percent(size, n)]
        rows.append([layer, f"{n:,}", number(full), number(best), *kept])
    return rows


def _median(values: Any) -> float:
    """Median of what is defined; NaN without the warning that NumPy has for it."""
    array = np.atleast_1d(np.asarray(values, float))
    defined = array[~np.isnan(array)]
    return float(np.median(defined)) if len(defined) else float("nan")


def files_line(folder: Path, names: Sequence[str], replaced: bool) -> str:
    """Say where the files are; the folder is never cut, so that it can be copied."""
    note = " (an earlier result was replaced)" if replaced else ""
    return f"{fact('files', f'{folder}{note}')}\n{wrapped('', ' '.join(names))}"
