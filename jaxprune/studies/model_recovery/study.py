"""The study: parts, what the report shows, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ...inference.methods import FULL, PRUNED, REWEIGHTED
from ...io.checkpoints import digest
from ...report import screen
from ..framework import Found, Part, Run, Study
from ..framework.published import Published
from ..framework.running import PARTS
from . import tables
from .figures import figure
from .measure import layers_of, reliability_of, simulate
from .options import FULL as FULL_SIZE
from .options import SMALL, Options

KNOWN = Published.of(__name__)
RATE = "right layer found, % (below)"


def parts(options: Options, run: Run) -> Iterator[Part]:
    """All units and pruned ones, and reweighted ones for fewer simulations."""
    layers, reliability = layers_of(options), reliability_of(options)
    checkpoint = None if run.folder is None else run.folder / PARTS
    about = {
        "layers": list(layers),
        "n_units": [layer.values.shape[1] for layer in layers.values()],
        "n_conditions": len(next(iter(layers.values())).values),
        "reliability": reliability,
        "notes": [note for layer in layers.values() for note in layer.notes],
    }
    for note in about["notes"]:
        run.say(note)
    for methods, n in (
        ((FULL, PRUNED), options.n_simulations),
        ((REWEIGHTED,), min(options.n_reweighted, options.n_simulations)),
    ):
        if not n:
            continue
        simulated = partial(simulate, layers, reliability, n, methods, options)
        yield Part(
            methods[-1],
            {
                **about,
                "digests": [digest(layer.values) for layer in layers.values()],
                "simulations": n,
                "folds": [options.n_folds, options.seed],
            },
            lambda of=simulated: {**of(checkpoint, run.progress), **about},
            {"methods": methods},
            f"{' and '.join(tables.TITLES[name] for name in methods)}: {n} targets of "
            f"each of {len(layers)} layers",
        )


def _origin(found: Found) -> str:
    options = found.options
    if options.subjects is not None:
        return "as mean RDMs of so many subjects do"
    return "as was asked for" if options.reliability else "as was supposed"


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options, one = found.options, found.measured[0]
    return {
        "layers": ", ".join(options.layers) or "made up",
        "conditions": one["n_conditions"],
        "subjects": options.subjects or "none",
        "reliability": one["reliability"],
        "folds": f"{options.n_folds} of held-out conditions",
        "seed": options.seed,
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    one = found.measured[0]
    return {
        "layers": dict(zip(one["layers"], one["n_units"], strict=True)),
        "reliability": one["reliability"],
        "rates": list(tables.rate_rows(found)),
        "chance": tables.chance(one) / 100,
        "published": {RATE: KNOWN.value(RATE)},
    }


def on_screen(found: Found) -> str:
    """How often the right layer is found."""
    one, rows = found.measured[0], [["", "found", "95%", "simulations"]]
    for row in tables.rate_rows(found):
        low, high = 100 * row["low"], 100 * row["high"]
        rows.append(
            [
                f"{tables.TITLES[row['method']]}, {row['scored']}",
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
            screen.fact("reliability", f"{one['reliability']:.3f}"),
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
from each of several layers, at the reliability of subjects; every layer is
fitted to each of them: all units, pruned, and reweighted, in-sample and on
held-out conditions (after Avitan & Golan 2025).

Without --layers, three are made up. The small version simulates 20 targets of a
layer, and reweights for 5 of them; --full 200 and 20.""",
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
        "reliability": lambda found: f"{found.measured[0]['reliability']:.2f}",
        "origin": _origin,
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
