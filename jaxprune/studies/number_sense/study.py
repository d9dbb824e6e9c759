"""The study: parts, what the report says, and the summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...report import screen
from ..framework import Found, Part, Run, Study
from ..framework.published import differences
from . import figures, results, tables
from .measure import measure, summation
from .networks import UNTRAINED, Case, cases_of
from .options import FULL, SMALL, Options
from .results import case, comparisons, emulated, overall, title, versions

# Settings that decide on the numbers of a network, of either design.
MEASURED = ("area_images", "n_draws", "n_repeats", "n_pairs")


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Each network, with each seed, and the summation model."""
    for one in cases_of(options.networks, options.seeds, options.weights):
        yield _network(one, options, run)
    settings: dict[str, Any] = {"n_runs": options.n_runs, "seed": options.seeds[0]}
    yield Part(
        "summation",
        settings,
        lambda: summation(**settings),
        {"model": "summation"},
        f"the summation model, {options.n_runs:,} times",
    )


def _network(of: Case, options: Options, run: Run) -> Part:
    about = {"network": of.network, "version": of.version, "seed": of.seed}
    return Part(
        "_".join(map(str, about.values())),
        {
            "weights": of.weights,
            "layer": of.subject.layer,
            "size": of.subject.size,
            "images": getattr(options, of.subject.images),
            **{name: getattr(options, name) for name in MEASURED},
        },
        lambda: measure(of, options, run.progress, run.say),
        {**about, "case": of},
        str(of),
    )


def lead(found: Found) -> str:
    """Shares of selective units, and what can be read from them."""
    texts = []
    for version in versions(found):
        share = 100 * results.share(version, "n_nasr")
        text = f"{title(version)}: {share:.1f} % of units are selective"
        if (right := overall(version, "compare_selective")) is not None:
            pixels = overall(version, "compare_pixels")
            text += (
                f", and tell the larger of two numbers in {100 * right:.1f} % of pairs "
                f"(raw pixels: {100 * (pixels or 0):.1f} %)"
            )
        texts.append(f"{text}.")
    return " ".join(texts)


def settings(found: Found) -> dict[str, Any]:
    """Facts at the end of the report."""
    options = found.options
    cases = [one.about["case"] for one in found.having("case")]
    trained = [f"{one}: {one.folder}" for one in cases if one.folder]
    return {
        "networks": "; ".join(map(title, versions(found))),
        **({"trained weights": "; ".join(trained)} if trained else {}),
        "seeds": ", ".join(map(str, options.seeds)),
        "images of a condition": f"{options.kim_images} (Kim), {options.nasr_images} "
        "(Nasr), and as many held out",
        "area-varying images": f"{options.area_images} of each of 16 numbers x 8 areas",
        "comparison": f"{options.n_draws} draws of units, {options.n_pairs} pairs of "
        "each number to train and to test",
        "match-to-sample": f"{options.n_repeats} repetitions",
        "summation model": f"{options.n_runs} runs",
    }


def summary(found: Found) -> dict[str, Any]:
    """What ``summary.json`` holds of every network, beside the published numbers."""
    return {
        "networks": [
            {**one.about["case"].as_dict(), **one.record}
            for one in found.having("case")
        ],
        "references": [results.source("nasr"), results.source("alexnet_kim")],
        "published": [
            row
            for (network, version), group in found.groups("network", "version").items()
            for known, rows in (
                ("published", comparisons(group)),
                ("emulated", emulated(group)),
            )
            for row in differences(rows, source=known, network=network, version=version)
        ],
    }


def table(found: Found) -> str:
    """The table on the screen, with the published shares below it."""
    options, known = found.options, results.KNOWN
    rows = [["network", "selective", "strict", "larger?", "pixels", "same?"]]
    for version in versions(found):
        tasks = "compare_selective", "compare_pixels", "match"
        values = [
            *(results.share(version, f"n_{rule}") for rule in ("nasr", "kim_strict")),
            *(overall(version, name) for name in tasks),
        ]
        shown = ["" if value is None else f"{100 * value:.1f}%" for value in values]
        rows.append([title(version), *shown])
    images = f"{options.kim_images} (Kim), {options.nasr_images} (Nasr) of a condition"
    kim, nasr = (
        known.value("selective units, %", network=name)
        for name in ("alexnet_kim", "nasr")
    )
    return "\n".join(
        [
            screen.fact("images", images),
            screen.fact("seeds", ", ".join(map(str, options.seeds))),
            "",
            screen.table(rows),
            "",
            f"published, selective: AlexNet {kim}% (untrained, 50 images of a "
            f"condition),\nNasr's network {nasr}% (trained on ImageNet)",
            "larger?  right answers on which of two numbers is larger, by 256 units",
            "same?    right answers on whether two numbers match; chance is 50%",
        ]
    )


STUDY = Study(
    module=__name__,
    about="""\
Nasr, Viswanathan & Nieder (2019) and Kim et al. (2021): number sense in
networks that were never taught number. Units tuned to number: how many, what
they prefer and how widely they are tuned, what can be read from them, and where
their tuning comes from. In an untrained AlexNet and in Nasr's network; trained
networks are added by --weights.

The small version takes one seed, and 10 images a condition for AlexNet. --full
takes 3 seeds and 50 images. Needs the extra `sklearn`.""",
    example="jaxprune study number-sense --out sense",
    small=SMALL,
    full=FULL,
    parts=parts,
    rows={
        "units": tables.unit_rows,
        "tuning": tables.tuning_rows,
        "fits": tables.fit_rows,
        "comparison": tables.comparison_rows,
        "matching": tables.matching_rows,
        "performance": tables.performance_rows,
        "origin": tables.origin_rows,
    },
    figures={
        "tuning": figures.tuning,
        "tasks": figures.tasks,
        "origin": figures.origin,
    },
    shown={
        "comparisons": comparisons,
        "emulated": tables.emulated_table,
        "units": tables.unit_table,
        "fits": tables.fit_table,
        "comparison": tables.comparison_table,
        "matching": tables.matching_table,
        "origin": tables.origin_table,
    },
    words={
        "lead": lead,
        "title": title,
        "source": lambda version: results.source(case(version).network),
        "nasr_untrained": lambda version: (
            (case(version).network, case(version).version) == ("nasr", UNTRAINED)
        ),
        "emulated": emulated,
        "varied": tables.has_varied,
        "origin": results.with_origin,
    },
    summary=summary,
    screen=table,
    settings=settings,
)
