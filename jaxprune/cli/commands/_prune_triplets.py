"""``jaxprune prune`` against odd-one-out choices."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ...report import screen
from ._inputs import features_of, sharing
from ._layer import Pruned, saved
from ._pages import identity, page_of
from ._summary import score_rows

if TYPE_CHECKING:
    from ...io import Labelled

# Options about RDMs, or about what takes long with them.
RDMS = (
    "--metric",
    "--compare",
    "--objective",
    "--method",
    "--precision",
    "--undefined",
    "--target-kind",
    "--pool",
    "--noise",
    "--control",
    "--semi",
    "--batch-size",
    "--search",
    "--importance",
    "--sizes",
    "--devices",
    "--memory",
    "--distributed",
    "--target-key",
    "--target-labels",
)


def prune_triplets_file(args: argparse.Namespace, triplets: Labelled) -> int:
    """Prune the units of a file of features, and say what came of it."""
    from ... import prune_triplets
    from ...io import among
    from ...io.folders import results_folder

    given = [token.partition("=")[0] for token in args.line]
    if stray := [option for option in RDMS if option in given]:
        raise ValueError(
            f"{stray[0]} was given with odd-one-out triplets, {triplets.source}, whose "
            "score is of dot products; expected --score, and none of those about RDMs"
        )
    features = features_of(args)
    triplets = among(features, triplets, **sharing(args))
    with results_folder(args.out) as (folder, replaces):
        start = time.perf_counter()
        score = args.score or "accuracy"
        result = prune_triplets(features.values, triplets.values, score)
        seconds = time.perf_counter() - start
        notes = (*features.notes, *triplets.notes)
        about = {
            "features": features.source,
            "features_shape": features.values.shape,
            "target": triplets.source,
            "target_shape": triplets.values.shape,
            "command": ["jaxprune", *args.line],
            "seconds": round(seconds, 3),
            "features_sha256": identity(features.values),
            "directory": os.getcwd(),
            **({"notes": notes} if notes else {}),
        }
        columns = features.unit_columns
        labelled = replace(result, conditions=features.labels, units=columns)
        page = page_of(labelled, features.values, args, notes=notes)
        where, names, failed = saved(
            result,
            folder,
            not args.no_figure,
            inputs=about,
            matching="by label",
            labels=features.labels,
            units=columns,
            report=page or False,
        )
    failed = failed or (page is None and not args.no_report)
    done = Pruned(result, seconds, where, names, failed)
    if not args.quiet:
        shape = f"{result.n_conditions} conditions x {result.n_units:,} units"
        choices = f"{len(triplets.values):,} triplets"
        facts = [
            screen.fact("features", screen.source(features.source, shape)),
            screen.fact("target", screen.source(triplets.source, choices)),
            screen.fact("conditions", "matched by label"),
            screen.fact("score", f"{score} of choices by dot products"),
            screen.fact("time", f"{seconds:.1f} s"),
            *(screen.wrapped("note", note) for note in notes),
        ]
        print("\n".join([*facts, "", screen.table(score_rows(result)), ""]))
        print(screen.BIASED)
        done.print_files(replaces and done.folder == folder)
    return 1 if done.failed else 0
