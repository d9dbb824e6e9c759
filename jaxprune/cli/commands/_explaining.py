"""What `explain` does: find what the result was made from, then explain it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.paths import expanded
from ...io.labelled import some
from ...report import screen
from .. import options
from ._extracting import Request, network_of, prepare
from ._pages import facts_of
from ._recorded import (
    Recorded,
    check_same,
    controls_recorded,
    features_given,
    features_of_file,
    noise_recorded,
    with_options,
)
from ._steps import steps_of
from ._thumbnails import Thumbnails

if TYPE_CHECKING:
    from ...results import Pruning


def explain_folder(args: argparse.Namespace) -> int:
    """Explain the result in a folder, and say what came of it."""
    from ...explain import explain
    from ...io.factors import load_factors
    from ...io.folders import results_folder
    from ...io.summary import package_versions, plain
    from ...results import Pruning

    begin = time.monotonic()
    folder = _of_one_layer(args.pruned)
    result = Pruning.load(folder)
    recorded = Recorded.of(folder)
    n = result.n_conditions
    factors, notes = None, []
    if args.factors is not None:
        factors, how = load_factors(args.factors, result.conditions, n)
        notes += [f"Rows of the factors are {how}."] * how.startswith("assumed")
    beside = folder / "explain"
    present = [path.name for path in beside.glob("*")] if beside.is_dir() else []
    with results_folder(beside, present):
        merged = with_options(args, recorded)
        request = _opened(args, merged, recorded)
        features, noise = _features(args, merged, result, recorded, request)
        images, said = _images(args, merged, result, recorded, request)
        controls = None
        if result.settings.controls is not None:
            controls = recorded.tried(
                "controls", lambda: controls_recorded(recorded, result)
            )
        page = explain(
            result,
            folder,
            controls=controls,
            features=features,
            noise=noise,
            images=images,
            factors=factors,
            synthesise=_synthesiser(args, merged, result, recorded, request),
            kinds=args.kinds,
            target=args.target_index,
            facts=facts_of(recorded.inputs, recorded.summary.get("conditions_matched")),
            absent=recorded.absent,
            notes=[*notes, *said],
            progress=options.progress(args),
        )
        about = {
            "absent": recorded.absent,
            "inputs": {"command": ["jaxprune", *args.line]},
            "seconds": round(time.monotonic() - begin, 3),
            "versions": package_versions(),
        }
        text = json.dumps(plain(about), indent=2) + "\n"
        (beside / "summary.json").write_text(text, encoding="utf-8")
    if not args.quiet:
        for name, why in recorded.absent.items():
            print(screen.wrapped("left out", f"{name}: {why}"))
        names = sorted(f"explain/{path.name}" for path in beside.iterdir())
        print(screen.files_line(page.parent, [page.name, *names], False))
    return 0


def _of_one_layer(given: str) -> Path:
    """The folder of a result; of several layers, their names in a message."""
    folder = expanded(given)
    if (folder / "layers.csv").is_file() and not (folder / "result.npz").is_file():
        inner = sorted(path.parent.name for path in folder.glob("*/result.npz"))
        raise ValueError(
            f"{folder} holds several layers; expected one of them: "
            f"{', '.join(str(folder / name) for name in inner)}"
        )
    return folder


def _opened(
    args: argparse.Namespace, merged: argparse.Namespace, recorded: Recorded
) -> Request | None:
    """The network, and its images if there are any; None where there is none."""
    if merged.network is None:
        return None

    def opened() -> Request:
        from jaxprune_ports.networks.registry import find

        if merged.images is not None:
            request = prepare(merged, merged.network)
        else:
            net, layers = network_of(merged, merged.network)
            steps = steps_of(merged, find(merged.network))
            request = Request(net, None, None, layers, steps)
        if len(request.layers) != 1:
            raise ValueError(
                f"layers: {', '.join(request.layers)} given; expected the one that was "
                "pruned"
            )
        return request

    # What the user names has to be there, what the summary names need not.
    return opened() if args.network else recorded.tried("network", opened)


def _features(
    args: argparse.Namespace,
    merged: argparse.Namespace,
    result: Pruning,
    recorded: Recorded,
    request: Request | None,
) -> tuple[Any, Any]:
    """Features and noise, if they can be had: of a file, or of the network."""
    if args.features is not None:
        given = features_given(args, result)
        noise = recorded.tried("noise", lambda: noise_recorded(recorded))
        check_same(result, given, noise, args.features)
        return given, noise
    if getattr(recorded.args, "features", None) is not None:
        found = recorded.tried("features", lambda: features_of_file(recorded, result))
        return found or (None, None)
    if request is None or request.images is None:
        recorded.absent.setdefault("features", "neither a file nor images are named")
        return None, None

    def extracted() -> tuple[np.ndarray, np.ndarray | None]:
        found = request.extract(merged).features[request.layers[0]]
        places = {label: k for k, label in enumerate(request.conditions.labels)}
        wanted = result.conditions or request.conditions.labels
        if absent := [label for label in wanted if label not in places]:
            raise ValueError(
                f"{request.images.source} has no images of {some(absent)}, which were "
                "among those that were pruned"
            )
        found = found[[places[label] for label in wanted]]
        noise = noise_recorded(recorded)
        check_same(result, found, noise, f"{request.net.name} [{request.layers[0]}]")
        return found, noise

    return recorded.tried("features", extracted) or (None, None)


def _images(
    args: argparse.Namespace,
    merged: argparse.Namespace,
    result: Pruning,
    recorded: Recorded,
    request: Request | None,
) -> tuple[list[Any] | None, tuple[str, ...]]:
    """One image a condition, and what is to be said of them."""

    def found() -> tuple[list[Any], tuple[str, ...]]:
        if request is not None and request.images is not None:
            if request.images.kind != "image":
                raise ValueError(f"{request.net.name} was shown {request.images.kind}s")
            pictures = Thumbnails(request.images, request.conditions)
        else:
            given = merged.images, merged.images_key, merged.conditions
            pictures = Thumbnails.opened(*given)
        return pictures.firsts(result.conditions, result.n_conditions)

    if args.images is not None:
        return found()
    if merged.images is None:
        return None, ()
    return recorded.tried("images", found) or (None, ())


def _synthesiser(
    args: argparse.Namespace,
    merged: argparse.Namespace,
    result: Pruning,
    recorded: Recorded,
    request: Request | None,
) -> Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]] | None:
    """What makes images for sets of units, if there is a network."""
    if request is None or args.iterations == 0:
        if args.iterations == 0:
            recorded.absent["network"] = "--iterations 0 makes none"
        return None
    import jax

    import jaxprune_ports as jpp
    from jaxprune_ports.synthesis.ascent import ITERATIONS, synthesise

    layer, side = request.layers[0], request.steps.crop or request.steps.size
    respond = jpp.responder(request.net, layer, merged.relu)
    image = jax.ShapeDtypeStruct((1, side, side, 3), np.float32)
    n_units = jax.eval_shape(respond, image).shape[1]
    if n_units != result.n_units:
        raise ValueError(
            f"layers: {layer} of {request.net.name} has {n_units:,} units for images "
            f"of {side} x {side}, and {args.pruned} is of {result.n_units:,}; give the "
            "layer and preprocessing that it was made with"
        )

    def made(sets: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        return synthesise(
            request.net,
            layer,
            sets,
            preprocessing=request.steps,
            relu=merged.relu,
            iterations=args.iterations or ITERATIONS,
            progress=options.progress(args),
        )

    return made
