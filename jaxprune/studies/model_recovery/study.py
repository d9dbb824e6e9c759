"""The study: parts, what the report shows, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

from ...inference.methods import FULL, PRUNED, REWEIGHTED
from ...io.checkpoints import digest
from ...report import screen
from ..framework import Found, Part, Run, Study
from ..framework.published import Published
from ..framework.running import PARTS
from . import tables
from .figures import figure
from .measure import layers_of, reliabilities_of, simulate
from .options import FULL as FULL_SIZE
from .options import SMALL, Options

KNOWN = Published.of(__name__)
RATE = "right layer found, % (below)"


def parts(options: Options, run: Run) -> Iterator[Part]:
    """All units and pruned ones, and reweighted ones for fewer simulations."""
    layers, reliabilities = layers_of(options), reliabilities_of(options)
    checkpoint = None if run.folder is None else run.folder / PARTS
    about = {
        "layers": list(layers),
        "n_units": [layer.values.shape[1] for layer in layers.values()],
        "n_conditions": len(next(iter(layers.values())).values),
        "notes": [note for layer in layers.values() for note in layer.notes],
    }
    for note in about["notes"]:
        run.say(note)
    digests = [digest(layer.values) for layer in layers.values()]
    few = min(options.n_reweighted, options.n_simulations)
    kinds = ((FULL, PRUNED), options.n_simulations), ((REWEIGHTED,), few)
    for (methods, n), (reliability, origin) in product(kinds, reliabilities.items()):
        if not n:
            continue
        simulated = partial(simulate, layers, reliability, n, methods, options)
        yield Part(
            methods[-1],
            {
                **about,
                "digests": digests,
                "reliability": reliability,
                "simulations": n,
                "folds": [options.n_folds, options.seed],
            },
            lambda of=simulated: {**of(checkpoint, run.progress), **about},
            {"methods": methods, "reliability": reliability, "origin": origin},
            f"{' and '.join(tables.TITLES[name] for name in methods)}: {n} targets of "
            f"each of {len(layers)} layers, reliability {reliability:.3f}",
        )


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options, one = found.options, found.measured[0]
    return {
        "layers": ", ".join(options.layers) or "made up",
        "conditions": one["n_conditions"],
        "subjects": options.subjects or "none",
        "folds": f"{options.n_folds} of held-out conditions",
        "seed": options.seed,
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    one = found.measured[0]
    return {
        "layers": dict(zip(one["layers"], one["n_units"], strict=True)),
        "reliability": list(tables.reliabilities(found)),
        "rates": list(tables.rate_rows(found)),
        "chance": tables.chance(one) / 100,
        "published": {RATE: KNOWN.value(RATE)},
    }


def on_screen(found: Found) -> str:
    """How often the right layer is found."""
    one, rows = found.measured[0], [["", "reliability", "found", "95%", "targets"]]
    for row in tables.rate_rows(found):
        low, high = 100 * row["low"], 100 * row["high"]
        rows.append(
            [
                f"{tables.TITLES[row['method']]}, {row['scored']}",
                f"{row['reliability']:.3f}",
                f"{100 * row['found']:.1f}%",
                f"{low:.1f}..{high:.1f}",
                f"{row['simulations']:,}",
            ]
        )
    facts = zip(one["layers"], one["n_units"], strict=True)
    layers = ", ".join(f"{name} ({n:,})" for name, n in facts)
    return "\n".join(
        [
            screen.wrapped("layers", f"{layers} units"),
            "",
            screen.table(rows),
            "",
            f"found: the layer of the target scores highest; {tables.chance(one):.1f}% "
            "by chance",
        ]
    )


STUDY = Study(
    module=__name__,
    about="""\
Does pruning still find the layer that a target came from? Targets are simulated
from each of several layers, more reliable and less; every layer is
fitted to each of them: all units, pruned, and reweighted, in-sample and on
held-out conditions (after Avitan & Golan 2025).

Without --layers, three are made up. The small version simulates 20 targets of a
layer and reliability, and reweights for 5 of them; --full 200 and 20.""",
    example="""\
jaxprune study model-recovery --layers lenet5.h5 --layers vgg16=pool5.npz \\
                                --subjects subjects.npz --out recovery""",
    small=SMALL,
    full=FULL_SIZE,
    parts=parts,
    rows={
        "rates": tables.rate_rows,
        "confusions": tables.confusion_rows,
        "scores": tables.score_rows,
    },
    figures={"figure": figure},
    shown={"rates": tables.rate_table, "layers": tables.layer_table},
    words={
        "lead": tables.lead,
        "reliabilities": lambda found: ", ".join(
            f"{one:.2f} ({origin})"
            for one, origin in tables.reliabilities(found).items()
        ),
        "least": lambda found: f"{min(tables.reliabilities(found)):.2f}",
        "reliability": lambda found: f"{found.measured[0].about['reliability']:.2f}",
        "n_folds": lambda found: found.options.n_folds,
        "made_up": lambda found: not found.options.layers,
        "drawn": lambda found: "; ".join(found.measured[0]["notes"]),
        "chance": lambda found: f"{tables.chance(found.measured[0]):.1f}",
        "published": lambda found: KNOWN.value(RATE),
        "reference": lambda found: KNOWN.rows[0]["source"],
    },
    summary=summary,
    screen=on_screen,
    settings=settings,
)
