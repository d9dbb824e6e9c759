"""The report: our numbers beside the student's, and what to make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...io.summary import package_versions
from ...report import Report
from .figure import TITLES
from .published import REFERENCE, comparisons, emulated
from .running import SmallCNN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHOD = (
    "A convolutional network of 2,320 parameters sees images of one to ten white dots, "
    "32 x 32 pixels. The 108 units before its classes are 12 channels at 3 x 3 "
    "positions. A unit is selective if its response differs between numbers (one-way "
    "analysis of variance, p < .01); pairs of numbers are compared by Tukey's test.",
    "Two variants of the images: dots of one size, whose total area grows with number; "
    "and a constant total area, where the dots get smaller.",
)
WEAK = (
    "A one-way test cannot tell number from what goes with it: area, dot size or "
    "edges. An untrained network reaches a large share as well, so that the published "
    "share says little of number or of learning.",
    "The 108 units are not independent: those of one channel see nearly the same, and "
    "a unit in a corner averages one value and three zeros, one at an edge two and "
    "two, the one in the centre four values.",
)
UNKNOWN = (
    "The student's report does not describe its dot arrays: how numbers were "
    "confounded with area there is not known. It was trained on all 50,000 images of "
    "CIFAR-10, in batches of 4 for 2 epochs; settings of the tutorial are from memory "
    "and not verified. A network that was trained on fewer images learned less."
)
UNTRAINED_ONLY = (
    "No CIFAR-10 images were given, so only untrained networks were looked at; the "
    "published values are of a trained one. Give the images to compare like with like."
)
DESCRIPTION = (
    "Selective units by preferred number (dots over the bars: single seeds), their "
    "tuning curves, the share of them that tell two numbers apart by Tukey's test, and "
    "the RDM of the patterns of all units.",
    "For each network and variant a histogram of preferred numbers, tuning curves, and "
    "two matrices of ten by ten numbers.",
)


def report(study: SmallCNN, figure: Figure) -> Report:
    """Make the report."""
    page = Report("Number detectors in a network of 108 units", _lead(study))
    page = page.heading("What was done")
    for text in METHOD:
        page = page.paragraph(text)
    page = page.heading("Beside the published numbers").paragraph(UNKNOWN)
    if study.options.cifar is None:
        page = page.paragraph(UNTRAINED_ONLY)
    for version, variant in study.groups:
        page = page.comparison(
            comparisons(study, version, variant),
            f"{version} network, {TITLES[variant]}",
            f"Published: {REFERENCE}; of a trained network.",
        )
    page = page.table(
        ("images", "selective, %", "emulated, %"),
        emulated(study),
        "Before training, beside an emulation",
        "Emulated by us in PyTorch: range of a few seeds, with other dot arrays.",
    )
    for text in WEAK:
        page = page.paragraph(text)
    page = page.heading("Tuning and RDMs").figure(figure, *DESCRIPTION)
    page = _rsa(page, study)
    return page.heading("Settings").facts(_settings(study))


def _lead(study: SmallCNN) -> str:
    parts = []
    for (version, variant), found in study.groups.items():
        share = 100 * sum(f.share for f in found) / len(found)
        parts.append(f"{version}, {TITLES[variant]}: {share:.1f} %")
    return "Selective units: " + "; ".join(parts) + "."


def _rsa(page: Report, study: SmallCNN) -> Report:
    rows = []
    for (version, variant), found in study.groups.items():
        rows += [
            (
                f"{version}, {TITLES[variant]}, {f.seed}",
                *(f.record[f"n_{name}"] for name in ("selective", "constant")),
                f.record["rsa_log"],
                f.record["rsa_linear"],
                f.record.get("test_accuracy"),
            )
            for f in found
        ]
    columns = "selective", "constant", "log number", "number", "CIFAR-10"
    return page.table(
        ("network, images, seed", *columns),
        rows,
        "Units, RDMs and accuracy",
        "selective, constant: number of units. log number, number: Spearman "
        "correlation of the RDM of all units (1 - r) with differences of log number "
        "and of number. CIFAR-10: share of test images that are right.",
    )


def _settings(study: SmallCNN) -> dict[str, Any]:
    options = study.options
    return {
        "network": "student108, layer avgpool",
        "training images": options.cifar or "none",
        "seeds": ", ".join(map(str, options.seeds)),
        "images of a number": options.n_instances,
        **({"epochs": options.epochs} if options.cifar else {}),
        **package_versions(),
    }
