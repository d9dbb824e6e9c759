"""What the command line shows: messages, and a summary of 80 ASCII columns."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .results import Pruning

# More targets than this would push the rest of the summary off the screen.
ROWS = 10
WIDTH = 80
LABEL = 14
# Arguments of the Python functions that are options of the command line.
OPTIONS = (
    "metric",
    "compare",
    "objective",
    "method",
    "precision",
    "undefined",
    "target_kind",
    "pool",
    "batch_size",
)
BIASED = "best score: the maximum over sizes on these data, so biased upwards"


def number(value: float) -> str:
    """Return a score for a table.

    >>> number(0.12345), number(float("nan"))
    ('0.123', 'undefined')
    """
    return f"{value:.3f}" if np.isfinite(value) else "undefined"


def percent(part: float, whole: float) -> str:
    """Return a share, never rounded to nothing or to all.

    >>> percent(1, 3), percent(2, 200_704), percent(200_703, 200_704)
    ('33.3%', '<0.1%', '>99.9%')
    """
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "<0.1%"
    return ">99.9%" if 99.95 <= share < 100 else f"{share:.1f}%"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Align columns: the first to the left, the others to the right.

    >>> print(table([["area", "units"], ["V1", "200,704"], ["IT", "25,088"]]))
    area    units
    V1    200,704
    IT     25,088
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def fact(name: str, text: str) -> str:
    """Return one line of facts: a name, and what there is to say.

    >>> fact("path", "closed_form")
    'path          closed_form'
    """
    return f"{name:<{LABEL}}{text}"


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
    path, bracket, key = text.partition(" [")
    name = Path(path).name + bracket + key
    return f"{shortened(name, WIDTH - LABEL - len(shape) - 2)}: {shape}"


def pruning_summary(
    result: Pruning,
    *,
    features: str,
    target: str,
    matching: str,
    seconds: float,
) -> str:
    """Return everything worth knowing about a result, but for where it is saved.

    Parameters
    ----------
    result : Pruning
    features, target : str
        Where they came from.
    matching : str
        How their conditions were matched.
    seconds : float
        How long it took.
    """
    n, settings = result.n_conditions, result.settings
    k = len(np.atleast_2d(result.target_rdm))
    missing = int(np.isnan(result.target_rdm).sum())
    target_shape = f"{n} x {n}" if k == 1 else f"{k} RDMs of {n} x {n}"
    if settings.target_kind == "similarity":
        target_shape += ", similarities"
    if missing:
        target_shape += f", {missing:,} pairs missing"
    squared = ", squared" if settings.objective == "r2" else ""
    undefined = "no unit"
    if result.n_undefined:
        undefined = (
            f"{result.n_undefined:,} units, ranked first: no score without one of them"
        )
    facts = [
        fact(
            "features", source(features, f"{n} conditions x {result.n_units:,} units")
        ),
        fact("target", source(target, target_shape)),
        fact("conditions", f"matched {matching}".replace("matched assumed", "assumed")),
        fact("score", f"{settings.metric} RDMs, {settings.compare}{squared}"),
        fact(
            "path",
            f"{result.paths['importance']}, {result.dtype} on {result.device}, "
            f"{seconds:.1f} s",
        ),
        fact("undefined", undefined),
    ]
    return "\n".join([*facts, "", table(score_rows(result)), "", BIASED])


def score_rows(result: Pruning) -> list[list[str]]:
    """Return a header and a row for every target, or for the spread of many."""
    n = result.n_units
    header = ["", "full score", "best score", "units kept", f"of {n:,}"]
    columns = (result.full_score, result.best_score, result.best_size)
    full, best, size = (np.atleast_1d(np.asarray(column)) for column in columns)

    def row(name: str, full: Any, best: Any, size: Any) -> list[str]:
        kept = f"{size:,.0f}"
        return [name, number(full), number(best), kept, percent(size, n)]

    if len(full) == 1:
        pooled = result.target_rdm.ndim > 1
        name = f"mean of {len(result.target_rdm)} targets" if pooled else "target"
        return [header, row(name, full[0], best[0], size[0])]
    if len(full) <= ROWS:
        cells = zip(full, best, size, strict=True)
        return [header] + [row(f"target {i}", *cell) for i, cell in enumerate(cells)]
    header[0] = f"{len(full)} targets"
    spread = (("lowest", np.nanmin), ("median", np.nanmedian), ("highest", np.nanmax))
    return [header] + [row(name, f(full), f(best), f(size)) for name, f in spread]


def files_line(folder: Path, names: Sequence[str], replaced: bool) -> str:
    """Say where the files are; the folder is never cut, so that it can be copied."""
    note = " (an earlier result was replaced)" if replaced else ""
    indent = " " * LABEL
    listing = textwrap.fill(
        " ".join(names), WIDTH, initial_indent=indent, subsequent_indent=indent
    )
    return f"{fact('files', f'{folder}{note}')}\n{listing}"


def say(text: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"jaxprune: {text}\n")


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """Stand in for :func:`warnings.showwarning`: the message, on one line."""
    del category, filename, lineno, file, line
    say(f"warning: {one_line(message)}")


def one_line(error: Any) -> str:
    r"""Put a message on one line, with options as the command line spells them.

    >>> one_line(ValueError("it holds:\n  a\n  b; pass target_kind='similarity'"))
    'it holds: a; b; pass --target-kind similarity'
    """
    # str() of a KeyError is the repr of its message.
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    text = re.sub(r":\s*\n\s*", ": ", text.strip())
    text = re.sub(r"\s*\n\s*", "; ", text)
    return re.sub(
        rf"\b({'|'.join(OPTIONS)})='?([\w-]+)'?",
        lambda found: f"--{found[1].replace('_', '-')} {found[2]}",
        text,
    )
