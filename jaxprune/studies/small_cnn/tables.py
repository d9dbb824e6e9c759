"""Tables of the study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .running import Found, SmallCNN

Row = dict[str, Any]
RECORDED = (
    *("n_units", "n_constant", "n_selective", "f_critical", "rsa_log", "rsa_linear"),
)


def networks(study: SmallCNN) -> Iterator[Row]:
    """One row for each network and variant."""
    for found in study.found:
        record = found.record
        yield {
            **_of(found),
            **{name: record[name] for name in RECORDED},
            "df": record["df"][0],
            "df_residual": record["df"][1],
            "share": found.share,
            "train_accuracy": record.get("train_accuracy"),
            "test_accuracy": record.get("test_accuracy"),
        }


def units(study: SmallCNN) -> Iterator[Row]:
    """One row for each unit; a unit prefers 0 if its response is constant."""
    for found in study.found:
        columns = (found.arrays[name].tolist() for name in ("f", "p", "prefer", "mask"))
        for unit, (f, p, prefer, chosen) in enumerate(zip(*columns, strict=True)):
            yield {
                **_of(found),
                "unit": unit,
                "f": f,
                "p": p,
                "selective": int(chosen),
                "prefers": prefer + 1,
            }


def pairs(study: SmallCNN) -> Iterator[Row]:
    """One row for each pair of numbers."""
    for found in study.found:
        shares, rdm = (found.arrays[name] for name in ("pairs", "rdm"))
        for i in range(len(rdm)):
            for j in range(i + 1, len(rdm)):
                yield {
                    **_of(found),
                    "first": i + 1,
                    "second": j + 1,
                    "told_apart": float(shares[i, j]),
                    "dissimilarity": float(rdm[i, j]),
                }


def tuning(study: SmallCNN) -> Iterator[Row]:
    """Tuning curves of selective units by preferred number."""
    for found in study.found:
        for i, curve in enumerate(found.arrays["curves"].tolist()):
            for j, response in enumerate(curve):
                yield {
                    **_of(found),
                    "prefers": i + 1,
                    "n_units": int(found.preferring[i]),
                    "number": j + 1,
                    "response": response,
                }


TABLES: dict[str, Callable[[SmallCNN], Iterator[Row]]] = {
    "networks": networks,
    "units": units,
    "pairs": pairs,
    "tuning": tuning,
}


def _of(found: Found) -> Row:
    return {"version": found.version, "variant": found.variant, "seed": found.seed}
