"""Tables: those that are files, and those of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...report.numbers import number
from ..framework import Found, Measured, rows_of
from ..framework.prose import Shown
from ..framework.published import Published

KNOWN = Published.of(__name__)
SHARE = "retained, %"
# Words shown at either end of a component.
ENDS = 6
Row = dict[str, Any]


def score_rows(found: Found) -> Iterator[Row]:
    """A row for each vectors and set: scores, p, held-out gain, units retained.

    ``full`` and ``pruned`` are in-sample; ``held_out`` those of the retained units on
    words that took no part in the choice, ``all_units`` of all units there. ``p`` is
    that of the pruned score over shuffled words, ``shuffled`` the mean of these.
    """
    for one in found:
        transfer = {t["scored_on"]: t for t in one["transfer"] if _own(t)}
        for row in one["sets"]:
            own = {k: v for k, v in transfer[row["set"]].items() if k not in BETWEEN}
            share = 100 * row["retained"] / row["units"]
            yield {**one.about, **row, "retained_percent": share, **own}


BETWEEN = ("chosen_for", "scored_on")


def _own(row: Row) -> bool:
    return row["chosen_for"] == row["scored_on"]


def transfer_rows(found: Found) -> Iterator[Row]:
    """A row for each vectors and two sets: units chosen for one, scored on another."""
    for one in found:
        for row in one["transfer"]:
            yield {**one.about, **row}


def overlap_rows(found: Found) -> Iterator[Row]:
    """A row for each vectors and two sets: units in common, beside chance."""
    for one in found:
        for row in one["overlaps"]:
            yield {**one.about, **row}


def unit_rows(found: Found) -> Iterator[Row]:
    """A row for each unit: 1 for each set whose judgements retain it."""
    for one in found:
        names = [row["set"] for row in one["sets"]]
        kept = dict(zip(names, one["retained"].astype(int), strict=True))
        columns = {f"retained {name}": units for name, units in kept.items()}
        yield from rows_of(one.about, unit=range(one["retained"].shape[1]), **columns)


def word_rows(found: Found) -> Iterator[Row]:
    """A row for each vectors, set and word: score on the first principal component."""
    for one in found:
        for name, words, scores in components(one, found):
            about = {**one.about, "set": name}
            yield from rows_of(about, word=words, component=scores)


def components(
    one: Measured, found: Found
) -> Iterator[tuple[str, list[str], np.ndarray]]:
    """Words of each set in the order of their scores, and the scores."""
    words = np.array(one["words"])
    for row, scores in zip(one["sets"], one["components"], strict=True):
        judged = np.flatnonzero(~np.isnan(scores))
        order = judged[np.argsort(scores[judged], kind="stable")]
        yield row["set"], words[order].tolist(), scores[order]


def scores(found: Found) -> Shown:
    """Scores in-sample and held out."""
    names = "full", "pruned", "p", "all_units", "held_out", "gain", "gain_p"
    rows = [(title(row), *(row[name] for name in names)) for row in score_rows(found)]
    heads = "all", "pruned", "p", "all, held out", "pruned, held out", "gain", "p of it"
    return Shown(("vectors, set", *heads), rows)


def shares(found: Found) -> Shown:
    """Units retained, in per cent, beside the published share."""
    published = KNOWN.value(SHARE)
    rows = [
        (title(row), row["units"], row["retained"], row["retained_percent"], published)
        for row in score_rows(found)
    ]
    return Shown(("vectors, set", "units", "retained", "%", "published, %"), rows)


def transfer(found: Found) -> Shown:
    """Held-out scores of one kind of vectors: a row for each set that units are for."""
    (one,) = found
    names = [row["set"] for row in one["sets"]]
    everything = [row["all_units"] for row in one["transfer"] if _own(row)]
    wide: dict[str, list[float]] = {}
    for row in one["transfer"]:
        wide.setdefault(row["chosen_for"], []).append(row["held_out"])
    rows = [(name, *means) for name, means in wide.items()]
    return Shown(("units chosen for", *names), [*rows, ("all units", *everything)])


def overlaps(found: Found) -> Shown:
    """Units in common of each two sets."""
    rows = [
        (
            f"{row['vectors']}: {row['first']}, {row['second']}",
            *(row[k] for k in ("n_first", "n_second", "n_common", "coefficient")),
            *(row["chance"], row["p"]),
        )
        for row in overlap_rows(found)
    ]
    heads = "first", "second", "in common", "overlap", "chance", "p"
    return Shown(("vectors: sets", *heads), rows)


def ends(found: Found) -> Shown:
    """Words at either end of the first component of the retained units."""
    rows = []
    for one in found:
        for row, (name, words, _) in zip(
            one["sets"], components(one, found), strict=True
        ):
            low, high = words[:ENDS], words[: -ENDS - 1 : -1]
            shown = f"{one.about['vectors']}, {name}", 100 * row["variance"]
            rows.append((*shown, ", ".join(low), ", ".join(high)))
    return Shown(("vectors, set", "variance, %", "one end", "the other end"), rows)


def title(row: Row) -> str:
    """Name a row by its vectors and set."""
    return f"{row['vectors']}, {row['set']}"


def lead(found: Found) -> str:
    """How many units are retained, and how often they serve other words."""
    rows = [*score_rows(found)]
    share = [row["retained_percent"] for row in rows]
    better = sum(row["gain"] > 0 for row in rows)
    sure = sum(row["gain_p"] <= 0.05 for row in rows)
    text = (
        f"Judgements retain {min(share):.0f} to {max(share):.0f} % of the units "
        f"(published: {KNOWN.value(SHARE)} %). On words that took no part in the "
        f"choice, these score higher than all units in {better} of {len(rows)} cases, "
        f"with p of at most .05 in {sure}. The mean gain is "
        f"{_mean_gain(row['pruned'] - row['full'] for row in rows)} in-sample and "
        f"{_mean_gain(row['gain'] for row in rows)} on held-out words"
    )
    other = [row["gain"] for row in transfer_rows(found) if not _own(row)]
    if not other:
        return f"{text}."
    return f"{text}, there {_mean_gain(other)} with other judgements than their own."


def _mean_gain(gains: Iterable[float]) -> str:
    return number(float(np.mean([*gains])), sign=True)
