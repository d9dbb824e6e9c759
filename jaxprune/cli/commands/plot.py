"""``jaxprune plot``: parts of a result as figures for a paper."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base.paths import check_writable, expanded
from ...report import screen
from .. import network_options, options

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...results import Pruning

# Those of `jaxprune.results.figures`, which need matplotlib, and what of the conditions
# each of them shows.
PARTS: dict[str, tuple[str, ...]] = {
    "curve": (),
    "importance": (),
    "rdms": (),
    "map": (),
    "mds": ("images", "categories"),
    "dendrogram": ("categories",),
}
ALL = "all"
FORMATS = ("pdf", "svg", "eps", "png", "tif")

ABOUT = """\
Draw parts of a result as files for a paper: in the width of a column (89 mm) or
a page (183 mm), text of 7 pt, vectors. DIR is a folder that `jaxprune prune`
wrote; of one with several layers every layer is taken.

With several results, their curves are drawn in one picture, named by their
folders or as NAME=DIR. Of several with one NAME (folds, seeds), and of a result
for several targets (subjects), the line is the mean, with a band around it."""

END = """\
parts:
  curve         scores of the most important units, 1, 2, ..., N
  importance    what the score loses without each unit, by rank
  rdms          target, all units and retained units
  map           share of units retained at every position of the image
  mds           conditions in a plane, in the same three ways
  dendrogram    conditions as trees, in the same three ways

examples:
  jaxprune plot pruned/IT --what curve,mds --images pictures
  jaxprune plot pruned --share --format svg --out figures
  jaxprune plot IT=seed0 IT=seed1 V1=other --style page --out figures"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "parts of a result as figures for a paper"
    add = options.command(commands, "plot", run, text, ABOUT, END)
    add.add_argument(
        "results", metavar="DIR", nargs="+", help="folder of a result, or NAME=DIR"
    )
    add.add_argument(
        "--what",
        type=_parts,
        default=("curve",),
        metavar="PARTS",
        help="with commas, or all that the result has (default curve)",
    )
    add.add_argument(
        "--out",
        metavar="DIR",
        help="folder for figures (default: that of the result)",
    )
    options.add_choice(add, "--format", [*FORMATS], "of the files")
    text = "column (89 mm) and page (183 mm) as in print, or screen"
    options.add_choice(add, "--style", ["column", "page", "screen"], text)
    add.add_argument(
        "--width", type=float, metavar="MM", help="width in mm, for other columns"
    )
    add.add_argument(
        "--target-index",
        type=int,
        metavar="N",
        help="of several targets, from 0 (default: all in curve, else the first)",
    )
    network_options.add_images(add, "of mds: ")
    add.add_argument(
        "--factors",
        metavar="CSV",
        help="of mds and dendrogram: table with a row for each condition; the first "
        "column of categories gives conditions their colour, and one called condition "
        "has the labels",
    )
    group = add.add_argument_group("several results in one picture")
    group.add_argument(
        "--share",
        action="store_true",
        help="sizes in per cent of each layer, for layers of different width",
    )
    text = (
        "band around a mean: standard deviation, standard error, or lowest to highest"
    )
    options.add_choice(group, "--band", ["sd", "se", "range"], text)
    add.add_argument("--quiet", "-q", action="store_true", help="errors only")


def _parts(text: str) -> tuple[str, ...]:
    """Read names of parts.

    >>> _parts("curve,mds")
    ('curve', 'mds')
    """
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in PARTS and text != ALL:
            raise argparse.ArgumentTypeError(
                f"{name!r} is no part; choose from {', '.join(PARTS)}, or all"
            )
    return names


def run(args: argparse.Namespace) -> int:
    """Draw parts of one result, or the curves of several."""
    results = _named(args.results)
    several = len(results) > 1 or any(len(found) > 1 for found in results.values())
    if several and args.what != ("curve",):
        raise ValueError(
            f"--what {','.join(args.what)} with several results, whose curves alone "
            "can be in one picture; expected one DIR, or no --what"
        )
    alone = ["share"] if not several else ["target_index", "images", "factors"]
    if stray := options.given(args, alone):
        number = "several results" if several else "one result"
        raise ValueError(f"{stray[0]} was given with {number}; leave it out")
    if args.out is None and len(args.results) > 1:
        raise ValueError("--out: none given; expected a folder for figures of several")
    out = _split(args.results[0])[1] if args.out is None else expanded(args.out)
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out} is a file; expected the name of a folder.")
    check_writable(out)
    figures = _overlaid(results, args) if several else _drawn(results, args)
    out.mkdir(parents=True, exist_ok=True)
    names = [f"{part}.{args.format}" for part in figures]
    replaces = any((out / name).exists() for name in names)
    for name, figure in zip(names, figures.values(), strict=True):
        figure.savefig(out / name)
    if not args.quiet:
        for name, figure in zip(names, figures.values(), strict=True):
            width, height = 25.4 * figure.get_size_inches()
            text = f"{width:.0f} x {height:.0f} mm, style {args.style}"
            print(screen.fact(name.partition(".")[0], text))
        print(screen.fact("files", f"{out}{' (some were replaced)' * replaces}"))
        print(screen.wrapped("", " ".join(names)))
    return 0


def _drawn(
    results: dict[str, list[Pruning]], args: argparse.Namespace
) -> dict[str, Figure]:
    """Parts of the only result, by name."""
    ((result,),) = results.values()
    parts = args.what
    if parts == (ALL,):
        from ...results.figures.map import has_positions

        parts = [part for part in PARTS if part != "map" or has_positions(result)]
    given: dict[str, Any] = {"style": args.style, "width": args.width}
    given["target"] = args.target_index
    known = _of_conditions(result, parts, args)
    figures = {}
    for part in parts:
        shown = {name: known[name] for name in PARTS[part] if name in known}
        figures[part] = result.plot(part, **given, **shown)
    return figures


def _of_conditions(
    result: Pruning, parts: Sequence[str], args: argparse.Namespace
) -> dict[str, Any]:
    """Images and categories of the conditions, where they are shown."""
    from ...io.factors import load_factors
    from ._thumbnails import Thumbnails

    found: dict[str, Any] = {}
    labels, n, notes = result.conditions, result.n_conditions, []
    if args.images is not None:
        if "mds" not in parts:
            raise ValueError("--images was given without mds, which shows them")
        opened = Thumbnails.opened(args.images, args.images_key, args.conditions)
        found["images"], notes = opened.firsts(labels, n)
    if args.factors is not None:
        if not {"mds", "dendrogram"} & set(parts):
            raise ValueError(
                "--factors was given without mds or dendrogram, which show categories"
            )
        factors, how = load_factors(args.factors, labels, n)
        names = [name for name, one in factors.items() if one.dtype.kind == "U"]
        if not names:
            raise ValueError(f"--factors: {args.factors} has no column of categories")
        found["categories"] = factors[names[0]]
        notes = [*notes, f"{names[0]} of the conditions: {how}."]
    if not args.quiet:
        for note in notes:
            print(screen.wrapped("note", note))
    return found


def _overlaid(
    results: dict[str, list[Pruning]], args: argparse.Namespace
) -> dict[str, Figure]:
    from ...results import overlay

    given = {"share": args.share, "band": args.band, "width": args.width}
    return {"curve": overlay(results, style=args.style, **given)}


def _named(given: list[str]) -> dict[str, list[Pruning]]:
    """Results by name: of a folder without one, those of its layers."""
    from ...results import Pruning

    found: dict[str, list[Pruning]] = {}
    for text in given:
        name, folder = _split(text)
        layers = [folder]
        if folder.is_dir() and not (folder / "result.npz").exists():
            layers = sorted(one.parent for one in folder.glob("*/result.npz")) or layers
        for layer in layers:
            result = Pruning.load(layer)
            found.setdefault(name or layer.resolve().name, []).append(result)
    return found


def _split(text: str) -> tuple[str, Path]:
    """Name, if one was given, and folder.

    >>> _split("IT=pruned"), _split("pruned")[0]
    (('IT', PosixPath('pruned')), '')
    """
    name, equals, path = text.partition("=")
    if not equals or expanded(text).exists():
        return "", expanded(text)
    return name, expanded(path)
