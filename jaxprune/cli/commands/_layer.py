"""One layer pruned and saved, whatever fails on the way."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...report import screen
from .. import messages, options
from ._inputs import groups_for, in_order_of
from ._pages import conditions_shown, facts_of, identity, page_of

if TYPE_CHECKING:
    from ...io import Labelled
    from ...results import Pruning

# Folder in DIR with what is finished, until everything is.
PARTS = "parts"


@dataclass(frozen=True)
class Pruned:
    """A result, how long it took, and where it is.

    Attributes
    ----------
    result : Pruning
    seconds : float
    folder : Path or None
        Not always the one asked for; None if it could be saved nowhere.
    files : list of str
    failed : bool
        Whether anything went wrong with saving.
    """

    result: Pruning
    seconds: float
    folder: Path | None
    files: list[str]
    failed: bool

    def print_files(self, replaced: bool) -> None:
        """Print where the result is, if it is anywhere."""
        if self.folder is not None:
            print(screen.files_line(self.folder, self.files, replaced))


def prune_layer(
    features: Labelled,
    target: Labelled,
    matching: str,
    folder: Path | None,
    args: argparse.Namespace,
    readout: Any = None,
    **inputs: Any,
) -> Pruned:
    """Prune features against a target in the same order, and save the result.

    Parameters
    ----------
    features, target : Labelled
    matching : str
        How their conditions were matched.
    folder : Path or None
        None where another process saves.
    args : Namespace
        Options of `jaxprune prune`, with the noise as loaded.
    readout : callable, optional
        Of :func:`jaxprune.prune`.
    **inputs
        More about where the features come from, for the summary.
    """
    from ... import prune
    from ...io.checkpoints import digest

    values = target.values
    shown = conditions_shown(features, target, args)
    chosen = {name: getattr(args, name) for name in messages.OPTIONS}
    chosen |= {name: getattr(args, name) for name in ("search", "importance", "sizes")}
    chosen |= options.devices_given(args)
    noise, groups = None, groups_for(features, args)
    if groups is not None:
        inputs["groups"] = args.groups
    if readout is not None:
        inputs["readout"] = args.readout
    if args.noise is not None:
        noise, inputs["noise"] = args.noise.values, args.noise.source
    controls = None
    if args.controls is not None:
        inputs["controls"] = [control.source for control in args.controls]
        controls = in_order_of(features, args.controls)
    if args.job is not None:
        shape, dtype = features.values.shape, features.values.dtype
        data = digest(values, noise, groups, controls)
        args.job.agree(chosen, shape, str(dtype), data)
        # A job of several processes stops when any of them does.
        chosen["checkpoint"] = Path(args.out) / PARTS
    start = time.perf_counter()
    progress = options.progress(args)
    result = prune(
        features.values,
        values,
        **chosen,
        noise=noise,
        groups=groups,
        controls=controls,
        semi=args.semi,
        readout=readout,
        progress=progress,
    )
    seconds = time.perf_counter() - start
    if args.job is not None:
        args.job.leave()
    result = replace(result, conditions=features.labels or target.labels)
    if folder is None:
        return Pruned(result, seconds, None, [], False)
    about = {
        "features": features.source,
        "features_shape": features.values.shape,
        **inputs,
        "target": target.source,
        "target_shape": target.values.shape,
        "command": ["jaxprune", *args.line],
        "seconds": round(seconds, 3),
    }
    if notes := (*features.notes, *target.notes):
        about["notes"] = notes
    if args.job is None:
        about |= {
            "features_sha256": identity(features.values),
            "directory": os.getcwd(),
        }
    columns = features.unit_columns
    page = page_of(
        replace(result, units=columns),
        None if args.job is not None else features.values,
        args,
        noise=noise,
        conditions=shown,
        facts=facts_of(about, matching),
        notes=notes,
    )
    where, names, failed = saved(
        result,
        folder,
        not args.no_figure,
        inputs=about,
        matching=matching,
        units=columns,
        report=page or False,
    )
    lacks = page is None and not args.no_report
    return Pruned(result, seconds, where, names, failed or lacks)


def saved(
    result: Pruning, folder: Path, figure: bool, **about: Any
) -> tuple[Path | None, list[str], bool]:
    """Save, or else save what can be saved where it can be saved.

    Returns the folder (None if nothing could be saved), its files, and whether
    anything failed.
    """
    from ...io.folders import FILES

    failed = False
    for attempt, draw in enumerate((figure, False, False)):
        where = folder
        try:
            if attempt == 2:
                where = Path(tempfile.mkdtemp(prefix="jaxprune-"))
            result.save(where, figure=draw, **about)
        except Exception as error:  # noqa: BLE001 - a computed result is not given up
            kind = "" if isinstance(error, OSError) else f"{type(error).__name__}: "
            what = "drawing the figure or saving" if draw else "saving"
            messages.say(
                f"error: {what} to {where} failed: {kind}{messages.one_line(error)}"
            )
            failed = True
            continue
        absent = set() if draw else {"figure.png"}
        absent |= {"groups.csv"} if result.groups is None else set()
        absent |= {"report.html"} if not about["report"] else set()
        names = [name for name in FILES if name not in absent]
        if failed:
            messages.say(f"warning: saved without a figure in {where}")
        return where, names, failed
    return None, [], True
