"""The study: parts, what the report shows, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ...io.checkpoints import digest
from ...report import screen
from ..framework import Found, Part, Run, Study
from ..framework.running import PARTS
from . import tables
from .data import load
from .figures import retained_figure, scores_figure, transfer_figure
from .measure import measure
from .options import FULL, SMALL, Options


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Each kind of vectors, with all sets of judgements."""
    words = load(options)
    for note in words.notes:
        run.say(note)
    settings = {
        "sets": {name: digest(target) for name, target in words.targets.items()},
        **options.scoring,
        "folds": [options.n_folds, options.repeats],
        "permutations": options.n_permutations,
        "seed": options.seed,
    }
    checkpoint = None if run.folder is None else run.folder / PARTS
    for name, x in words.vectors.items():
        measured = partial(measure, words, name, options, checkpoint, run.progress)
        said = {"words": list(words.words), "notes": list(words.notes)}
        yield Part(
            "vectors",
            {**settings, "vectors": digest(x), **said},
            lambda measured=measured, said=said: {**measured(), **said},
            {"vectors": name},
            f"{name}: {len(words.words):,} words, {x.shape[1]:,} units",
        )


def notes(found: Found) -> list[str]:
    """What was left out, a sentence each."""
    return [f"{note}." for note in found.measured[0]["notes"]]


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = found.options
    return {
        "vectors": ", ".join(options.vectors) or "made up",
        "judgements": ", ".join(options.sets) or "made up",
        "words": len(found.measured[0]["words"]),
        "score": f"{options.metric} of vectors, {options.compare}",
        "folds": f"{options.n_folds} of words, drawn {options.repeats} times",
        "permutations": options.n_permutations,
        "seed": options.seed,
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    return {
        "scores": list(tables.score_rows(found)),
        "transfer": list(tables.transfer_rows(found)),
        "overlaps": list(tables.overlap_rows(found)),
        "published": {"retained_percent": tables.KNOWN.value(tables.SHARE)},
        "notes": found.measured[0]["notes"],
    }


def on_screen(found: Found) -> str:
    """Scores, units retained, and gains on held-out words."""
    rows = [["vectors, set", "all", "pruned", "p", "kept", "held out", "gain", "p"]]
    for row in tables.score_rows(found):
        rows.append(
            [
                screen.shortened(tables.title(row), 28),
                *(screen.number(row[name]) for name in ("full", "pruned", "p")),
                f"{row['retained_percent']:.0f}%",
                *(screen.number(row["held_out"]), f"{row['gain']:+.3f}"),
                screen.number(row["gain_p"]),
            ]
        )
    return "\n".join(
        [
            screen.table(rows),
            "",
            f"kept: published {tables.KNOWN.value(tables.SHARE)}% (GloVe, other "
            "judgements)",
            "p: of the pruned score, words shuffled; of gains over all units, held out",
            "held out: retained units, on words that took no part in the choice",
        ]
    )


STUDY = Study(
    module=__name__,
    about="""\
Which units of word vectors, or of a language model, carry what people judge?
Vectors are pruned by each set of judged pairs. Beside the scores stand those of
held-out words, shuffled words, units chosen for other judgements, overlaps of
the retained units, and how these order the words (after Flechas Manrique, Bao,
Herbelot & Hasson 2023).

Without --vectors and --sets, both are made up. The small version draws folds
once and shuffles 99 times, --full 10 and 999 times.""",
    example="""\
jaxprune study words --vectors glove.txt --vectors hf:minilm \\
                       --sets men.csv --sets simlex999.csv --out words""",
    small=SMALL,
    full=FULL,
    parts=parts,
    rows={
        "scores": tables.score_rows,
        "transfer": tables.transfer_rows,
        "overlaps": tables.overlap_rows,
        "units": tables.unit_rows,
        "components": tables.word_rows,
    },
    figures={
        "scores": scores_figure,
        "retained": retained_figure,
        "transfer": transfer_figure,
    },
    shown={
        "scores": tables.scores,
        "shares": tables.shares,
        "transfer": tables.transfer,
        "overlaps": tables.overlaps,
        "ends": tables.ends,
    },
    words={
        "lead": tables.lead,
        "notes": notes,
        "made_up": lambda found: not found.options.vectors,
        "metric": lambda found: found.options.metric,
        "compare": lambda found: found.options.compare,
        "n_folds": lambda found: found.options.n_folds,
        "repeats": lambda found: found.options.repeats,
        "n_permutations": lambda found: f"{found.options.n_permutations:,}",
        "reference": lambda found: tables.KNOWN.rows[0]["source"],
        "vectors": lambda found: found.measured[0].about["vectors"],
    },
    summary=summary,
    screen=on_screen,
    settings=settings,
)
