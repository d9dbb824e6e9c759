"""``jaxprune prune --network``: from images to the pruned layers of a network."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...report import screen
from .. import messages
from ._extracting import prepare
from ._inputs import sharing, target_of
from ._layer import Pruned, prune_layer
from ._request import Request
from ._summary import layers_summary, matched, pruning_summary
from ._thumbnails import Thumbnails

if TYPE_CHECKING:
    from ...io import Labelled

# Written beside the folders of several layers.
FILES = ("layers.csv", "summary.json")


@dataclass(frozen=True)
class Job:
    """What all layers share: options, what is extracted, and the target."""

    args: argparse.Namespace
    request: Request
    conditions: Labelled
    target: Labelled
    matching: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or averaged on the way."""
        return (*self.conditions.notes, *self.target.notes)

    def prune(self, layer: str, extraction: Any, folder: Path) -> Pruned:
        """Prune one layer and save the result."""
        # Popped, because a layer may take gigabytes.
        values, places = extraction.features.pop(layer), self.conditions.values[:, 0]
        if len(places) < len(values):
            values = values[places]
        shape = extraction.shapes[layer]
        readout = None
        if self.args.readout is not None:
            import jaxprune_ports as jpp

            net, to = self.request.net, self.args.readout
            readout = jpp.from_layer(net, layer, to, shape=shape)
        source = f"{self.request.net.name} [{layer}]"
        return prune_layer(
            replace(self.conditions, values=values, source=source, shape=shape),
            self.target,
            self.matching,
            folder,
            self.args,
            layer=layer,
            layer_shape=shape,
            readout=readout,
            **self.request.inputs(extraction),
        )

    def said(self, extraction: Any) -> str:
        """Say which conditions there are, and how they were matched."""
        found = self.request.conditions_said(extraction.count)
        return f"{found}; {matched(self.matching)}"


def prune_network(args: argparse.Namespace) -> int:
    """Extract the layers asked for, prune each, and say what came of it."""
    from ...io import Labelled, align, how_matched, shared
    from ...metrics import METRICS

    if METRICS[args.metric].folded:
        raise ValueError(
            f"--metric {args.metric} takes several measurements of every condition, "
            "and a network gives one; expected FEATURES in place of --network, an "
            "array (folds, conditions, units)"
        )
    target = target_of(args)
    request = prepare(args, args.network)
    if args.noise is not None and len(request.layers) > 1:
        raise ValueError(
            f"--noise {args.noise.source} is for the units of one layer, and "
            f"{len(request.layers)} were asked for; expected one name in --layers"
        )
    # Before anything is computed: labels are known, features are not yet. What stands
    # for these are the places of the conditions.
    labels = request.conditions.labels
    places = np.arange(len(labels))[:, None]
    conditions = Labelled(places, labels, request.images.source)
    conditions, target = align(*shared(conditions, target, **sharing(args)))
    if request.images.kind == "image":
        args.pictures = Thumbnails(request.images, request.conditions)
    job = Job(args, request, conditions, target, how_matched(conditions, target))
    return _one(job) if len(request.layers) == 1 else _several(job)


def _one(job: Job) -> int:
    """Prune one layer; the result goes directly into the folder."""
    from ...io.folders import results_folder

    (layer,) = job.request.layers
    with results_folder(job.args.out) as (folder, replaces):
        extraction = job.request.extract(job.args)
        done = job.prune(layer, extraction, folder)
    if not job.args.quiet:
        text = pruning_summary(
            done.result,
            features=f"{job.request.net.name} [{layer}]",
            target=job.target.source,
            conditions=job.said(extraction),
            seconds=done.seconds,
            notes=job.notes,
        )
        print("\n".join([*job.request.facts(extraction), text]))
        done.print_files(replaces and done.folder == folder)
    return 1 if done.failed else 0


def _several(job: Job) -> int:
    """Prune several layers; each result goes into a folder of its own."""
    from ...results.summary import scores

    found, failed, seconds = {}, [], 0.0
    last = None
    with _folders(job.args.out, job.request.layers) as (folder, folders, replaces):
        extraction = job.request.extract(job.args)
        for layer, inner in folders.items():
            done = _attempt(job, layer, extraction, inner)
            if done is None or done.failed:
                failed.append(layer)
            if done is not None:
                last = done
                found[layer] = scores(done.result)
                seconds += done.seconds
        if last is None:
            raise ValueError(
                f"layers: none of {', '.join(folders)} could be pruned, as said above"
            )
        inputs = job.request.inputs(extraction) | {
            "target": job.target.source,
            "command": ["jaxprune", *job.args.line],
            "seconds": round(seconds, 3),
            **({"notes": job.notes} if job.notes else {}),
        }
        about = {
            "failed": failed,
            "conditions_matched": job.matching,
            "settings": asdict(last.result.settings),
            "inputs": inputs,
        }
        _save(folder, found, about)
    if not job.args.quiet:
        text = layers_summary(
            last.result,
            found,
            target=job.target.source,
            conditions=job.said(extraction),
            seconds=seconds,
            notes=job.notes,
        )
        print("\n".join([*job.request.facts(extraction), text]))
        names = [*FILES, *(f"{layer}/" for layer in found)]
        print(screen.files_line(folder, names, replaces))
    return 1 if failed else 0


def _attempt(job: Job, layer: str, extraction: Any, folder: Path) -> Pruned | None:
    """Prune one layer of several; None, and a message, if that fails."""
    try:
        return job.prune(layer, extraction, folder)
    except Exception as error:  # noqa: BLE001 - the other layers are not given up
        messages.say(f"error: layer {layer}: {messages.one_line(error)}")
        with suppress(OSError):
            folder.rmdir()
        return None


@contextmanager
def _folders(
    out: str, layers: Sequence[str]
) -> Iterator[tuple[Path, dict[str, Path], bool]]:
    """Make sure that every folder can be written, before anything is computed."""
    from ...io.folders import results_folder

    with ExitStack() as stack:
        folder, replaces = stack.enter_context(results_folder(out, FILES))
        folders = {
            layer: stack.enter_context(results_folder(folder / layer))[0]
            for layer in layers
        }
        yield folder, folders, replaces


def _save(
    folder: Path,
    found: Mapping[str, Mapping[str, Any]],
    about: Mapping[str, Any],
) -> None:
    """Write the table of the layers, and last the summary."""
    from ...io.summary import package_versions, plain
    from ...results.tables import layers_table

    (folder / "layers.csv").write_text(layers_table(found), encoding="utf-8")
    summary = {"layers": found, **about, "versions": package_versions()}
    text = json.dumps(plain(summary), indent=2, allow_nan=False, default=str) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")
