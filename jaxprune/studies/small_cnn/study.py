"""The study: options, parts, tables, and our numbers beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from ...base.means import mean_of_defined
from ...base.paths import expanded
from ...io.checkpoints import digest
from ...report import Compared, screen
from ...stimuli import one_to_ten
from .. import framework
from ..framework import Found, Measured, Part, Run, Study, option, rows_of, seeds
from ..framework.cifar import TRAIN, read
from ..framework.prose import Shown
from ..framework.published import differences
from .figures import TITLES, figure
from .measure import NETWORK, measure, preferring, train

Variant = Literal["fixed_size", "constant_area"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
UNTRAINED, TRAINED = "untrained", "trained"
Row = dict[str, Any]


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    cifar : str or None
        CIFAR-10 or a part of it, to train networks with; test images measure their
        accuracy. With None only untrained ones are looked at.
    seeds : tuple of int
        Of stimuli, weights and the order of training images.
    n_instances : int
        Images of each number from 1 to 10.
    epochs : int
        Of training.
    """

    cifar: str | None = option(
        None,
        "CIFAR-10 or a part of it: .npz with x_train and y_train, to train with, and "
        "x_test and y_test, to test with; or the folder of its binary version",
    )
    seeds: tuple[int, ...] = seeds(0)
    # An analysis of variance needs two images of a number.
    n_instances: int = option(
        80, "images of each condition", least=2, flag="--instances"
    )
    epochs: int = option(2, least=1)


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Each version of the network, seed, and variant of the stimuli."""
    data = None if options.cifar is None else images(options.cifar)
    identity: dict[str, Any] = {"n_instances": options.n_instances}
    learned = (
        {}
        if data is None
        else {
            "epochs": options.epochs,
            "cifar": digest(*data.values()),
        }
    )

    @cache
    def network(version: str, seed: int) -> tuple[Any, dict[str, Any]]:
        import jaxprune_ports as jpp

        if data is None or version == UNTRAINED:
            return jpp.create(NETWORK, seed), {}
        waiting = run.waiting(f"training-seed{seed}", **learned)
        return train(data, options.epochs, seed, waiting, run.progress)

    def look(version: str, seed: int, variant: Variant) -> dict[str, Any]:
        net, record = network(version, seed)
        stimuli = one_to_ten(options.n_instances, seed, variant=variant)
        return {**measure(net, stimuli), **record}

    for version in (UNTRAINED,) if data is None else (UNTRAINED, TRAINED):
        for seed in options.seeds:
            for variant in VARIANTS:
                yield Part(
                    f"{version}-seed{seed}-{variant}",
                    identity | learned if version == TRAINED else identity,
                    lambda of=(version, seed, variant): look(*of),
                    {"version": version, "variant": variant, "seed": seed},
                    f"{version} network, seed {seed}, {TITLES[variant]}",
                )


def images(path: str) -> dict[str, np.ndarray]:
    """Images and labels of a file, or of a folder."""
    file = expanded(path)
    arrays = read(file)
    if not {*TRAIN} <= {*arrays}:
        raise ValueError(
            f"cifar: {file} holds {', '.join(arrays)}; expected x_train, "
            "uint8 (n, 32, 32, 3), and y_train (n,)."
        )
    return arrays


def networks(found: Found) -> Iterator[Row]:
    """One row for each network and variant."""
    recorded = "n_units", "n_constant", "n_selective", "f_critical", "rsa_log"
    for one in found:
        df, df_residual = one["df"]
        yield {
            **one.about,
            **{name: one[name] for name in (*recorded, "rsa_linear")},
            "df": df,
            "df_residual": df_residual,
            "share": share(one),
            "train_accuracy": one.content.get("train_accuracy"),
            "test_accuracy": one.content.get("test_accuracy"),
        }


def units(found: Found) -> Iterator[Row]:
    """One row for each unit; a unit prefers 0 if its response is constant."""
    for one in found:
        yield from rows_of(
            one.about,
            unit=range(one["n_units"]),
            f=one["f"],
            p=one["p"],
            selective=one["mask"].astype(int),
            prefers=one["prefer"] + 1,
        )


def pairs(found: Found) -> Iterator[Row]:
    """One row for each pair of numbers."""
    for one in found:
        i, j = np.triu_indices(len(one["rdm"]), 1)
        shares, rdm = one["pairs"][i, j], one["rdm"][i, j]
        columns = {"told_apart": shares, "dissimilarity": rdm}
        yield from rows_of(one.about, first=i + 1, second=j + 1, **columns)


def tuning(found: Found) -> Iterator[Row]:
    """Tuning curves of selective units by preferred number."""
    for one in found:
        for i, (n, curve) in enumerate(
            zip(preferring(one), one["curves"], strict=True)
        ):
            about = {**one.about, "prefers": i + 1, "n_units": int(n)}
            yield from rows_of(about, number=range(1, len(curve) + 1), response=curve)


def share(one: Measured) -> float:
    """Share of selective units."""
    return one["n_selective"] / one["n_units"]


def selective(found: Found) -> float:
    """Per cent of selective units, mean over seeds."""
    return 100 * sum(map(share, found)) / len(found)


def prefer(found: Found, start: int, stop: int) -> float:
    """Per cent of selective units that prefer some numbers, of all seeds together."""
    counts = np.sum([preferring(one) for one in found], 0)
    return float(100 * counts[start:stop].sum() / max(counts.sum(), 1))


def comparisons(found: Found) -> list[Compared]:
    """All numbers of one version and variant that have a counterpart."""
    one, beside = found.measured[0], STUDY.published.compared
    rows = [
        beside("selective units, %", selective(found)),
        beside("critical F at .01", one["f_critical"]),
        beside("degrees of freedom, number", one["df"][0]),
        beside("degrees of freedom, residual", one["df"][1]),
        beside("prefer 5 or 6, %", prefer(found, 4, 6)),
        beside("prefer 1 or 2, % (more than)", prefer(found, 0, 2)),
    ]
    right = 100 * mean_of_defined(found.column("test_accuracy"))
    if not np.isnan(right):
        rows.append(beside("CIFAR-10 test images right, %", right))
    return rows


def emulated(found: Found) -> Shown:
    """Share of selective units before training, in per cent, beside our emulation."""
    rows = [
        (
            variant.replace("_", " "),
            selective(found.where(version=UNTRAINED, variant=variant)),
            STUDY.published.value("emulated", variant=variant),
        )
        for variant in VARIANTS
    ]
    return Shown(("images", "selective, %", "emulated, %"), rows)


def rdms(found: Found) -> Shown:
    """Units, RDMs and accuracy of every network, seeds of a version in a row."""
    columns = "selective", "constant", "log number", "number", "CIFAR-10"
    names = "n_selective", "n_constant", "rsa_log", "rsa_linear", "test_accuracy"
    rows = [
        (f"{title(group)}, {one.about['seed']}", *map(one.content.get, names))
        for group in found.groups("version", "variant").values()
        for one in group
    ]
    return Shown(("network, images, seed", *columns), rows)


def title(found: Found) -> str:
    """Version and variant of a group."""
    about = found.measured[0].about
    return f"{about['version']}, {TITLES[about['variant']]}"


def shares(found: Found) -> str:
    """Per cent of selective units, of every version and variant."""
    groups = found.groups("version", "variant").values()
    return "; ".join(f"{title(group)}: {selective(group):.1f} %" for group in groups)


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = found.options
    return {
        "network": "student108, layer avgpool",
        "training images": options.cifar or "none",
        "seeds": ", ".join(map(str, options.seeds)),
        "images of a number": options.n_instances,
        **({"epochs": options.epochs} if options.cifar else {}),
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds of every network, beside the published numbers."""
    return {
        "networks": [{**one.about, **one.record} for one in found],
        "published": [
            row
            for (version, variant), group in found.groups("version", "variant").items()
            for row in differences(comparisons(group), version=version, variant=variant)
        ],
    }


def table(found: Found) -> str:
    """The table on the screen."""
    rows = [["network, images", "selective", "1 or 2", "5 or 6", "RSA", "CIFAR-10"]]
    for group in found.groups("version", "variant").values():
        right = 100 * mean_of_defined(group.column("test_accuracy"))
        rows.append(
            [
                title(group),
                f"{selective(group):.1f}%",
                f"{prefer(group, 0, 2):.0f}%",
                f"{prefer(group, 4, 6):.0f}%",
                f"{np.mean(group.column('rsa_log')):.2f}",
                "" if np.isnan(right) else f"{right:.1f}%",
            ]
        )
    known, options = STUDY.published, found.options
    return "\n".join(
        [
            screen.fact("images", f"{options.n_instances} of each number, 1 to 10"),
            screen.fact("seeds", ", ".join(map(str, options.seeds))),
            "",
            screen.table(rows),
            "",
            f"published: {known.value('selective units, %')}% selective, more than 67% "
            "prefer 1 or 2, none 5 or 6;\ntrained, with "
            f"{known.value('CIFAR-10 test images right, %')}% of CIFAR-10 right",
            "RSA: Spearman correlation of the RDM of all units with log number",
        ]
    )


STUDY = Study(
    module=__name__,
    about="""\
Number detectors in a network of 108 units: one to ten dots, a one-way analysis
of variance, pairs of numbers told apart, preferred numbers, and the RDM of
number. Untrained, and trained where CIFAR-10 images are given.

The small version takes one seed, --full ten.""",
    example="jaxprune study small-cnn --cifar cifar10.npz --out small",
    small=Options(),
    full=Options(seeds=tuple(range(10))),
    parts=parts,
    rows={"networks": networks, "units": units, "pairs": pairs, "tuning": tuning},
    figures={"figure": figure},
    shown={"comparisons": comparisons, "emulated": emulated, "rdms": rdms},
    words={
        "shares": shares,
        "untrained_only": lambda found: found.options.cifar is None,
        "version": lambda found: found.measured[0].about["version"],
        "variant": lambda found: TITLES[found.measured[0].about["variant"]],
    },
    summary=summary,
    screen=table,
    settings=settings,
)
