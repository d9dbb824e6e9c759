"""The command line: ``jaxprune prune``, ``demo`` and ``info``; one function each."""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _options, _screen

if TYPE_CHECKING:
    from .results import Pruning

# What the user can put right (2), as opposed to what went wrong on the way (1).
USAGE, FAILED, INTERRUPTED = 2, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments, by default those of the process.

    Returns
    -------
    int
        Exit status: 0, 1 (failed while running), 2 (bad input), 130 (interrupted).
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    parser = _options.parser(prune=prune, demo=demo, info=info)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    args.line = argv
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = _screen.show_warning
        try:
            return args.run(args)
        except KeyboardInterrupt:
            _screen.say("interrupted")
            return INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has gone; Python must not flush to it again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except (ValueError, OSError, ImportError, KeyError) as error:
            return _fail(error, USAGE)
        except Exception as error:  # noqa: BLE001 - users get a line, not a traceback
            return _fail(error, FAILED)


def prune(args: argparse.Namespace) -> int:
    """Prune the units of FEATURES against TARGET and save the result."""
    from . import prune as prune_units
    from ._arrays import squareform
    from .io import align, how_matched, load_features, load_target
    from .io.folders import results_folder
    from .io.layouts import is_square

    features = load_features(args.features, args.features_key)
    target = load_target(args.target, args.target_key)
    features, target = align(features, target)
    matching = how_matched(features, target)
    values = target.values
    if values.ndim == 2 and not is_square(values.shape):
        values = squareform(values)
    options = {name: getattr(args, name) for name in _screen.OPTIONS}
    with results_folder(args.out) as (folder, replaces):
        start = time.perf_counter()
        result = prune_units(
            features.values, values, **options, progress=_progress(args)
        )
        seconds = time.perf_counter() - start
        result = replace(result, conditions=features.labels or target.labels)
        inputs = {
            "features": features.source,
            "features_shape": features.values.shape,
            "target": target.source,
            "target_shape": target.values.shape,
            "command": ["jaxprune", *args.line],
            "seconds": round(seconds, 3),
        }
        saved, names, failed = _save(
            result, folder, not args.no_figure, inputs=inputs, matching=matching
        )
    if not args.quiet:
        text = _screen.pruning_summary(
            result,
            features=features.source,
            target=target.source,
            matching=matching,
            seconds=seconds,
        )
        print(text)
        if saved is not None:
            print(_screen.files_line(saved, names, replaces and saved == folder))
    return FAILED if failed else 0


def _save(
    result: Pruning, folder: Path, figure: bool, **about: Any
) -> tuple[Path | None, list[str], bool]:
    """Save, or else save what can be saved where it can be saved.

    Returns the folder (None if nothing could be saved), its files, and whether
    anything failed.
    """
    import tempfile

    from .io.folders import FILES

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
            _screen.say(
                f"error: {what} to {where} failed: {kind}{_screen.one_line(error)}"
            )
            failed = True
            continue
        names = [name for name in FILES if draw or name != "figure.png"]
        if failed:
            _screen.say(f"warning: saved without a figure in {where}")
        return where, names, failed
    return None, [], True


def demo(args: argparse.Namespace) -> int:
    """Prune an untrained network against log number, from stimuli to figure."""
    from .io.folders import results_folder
    from .studies import demo as study

    with results_folder(args.out, study.FILES) as (folder, replaces):
        start = time.perf_counter()
        done = study.run(
            args.instances,
            args.seed,
            progress=_progress(args),
            report=_screen.say if _progress(args) else None,
        )
        study.save(done, folder)
        seconds = time.perf_counter() - start
    if not args.quiet:
        print(study.summary(done))
        note = " (an earlier demo was replaced)" if replaces else ""
        print(_screen.fact("files", f"{folder}{note}, {seconds:.0f} s"))
        areas = " ".join(f"{area}/" for area in done.results)
        print(_screen.fact("", f"figure.png areas.csv summary.json {areas}"))
    return 0


def info(args: argparse.Namespace) -> int:
    """Show versions, devices, precision and memory."""
    from importlib.metadata import PackageNotFoundError, version
    from platform import platform, python_version

    import jax

    from . import __version__
    from .execution.device import place_of

    del args

    def found(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    print(_screen.fact("jaxprune", __version__))
    print(_screen.fact("python", f"{python_version()} on {platform()}"))
    core = ("jax", "jaxlib", "numpy", "scipy", "flax", "h5py", "matplotlib")
    for package in (*core, "scikit-learn", "rsatoolbox", "torch"):
        needed = "" if package in core or found(package)[0] != "n" else " (optional)"
        print(_screen.fact(package, found(package) + needed))
    place = place_of(None, "auto")
    devices = ", ".join(
        f"{device.platform}:{device.id} {device.device_kind}"
        for device in jax.local_devices()
    )
    print(_screen.fact("devices", devices))
    print(_screen.fact("uses", f"{place.name}, precision auto = {place.dtype}"))
    print(_screen.fact("threads", str(place.workers)))
    print(_screen.fact("memory", _memory(place.device)))
    return 0


def _memory(device: Any) -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"{total / 2**30:.1f} GiB"
    if limit := (device.memory_stats() or {}).get("bytes_limit"):
        text += f", device {limit / 2**30:.1f} GiB"
    return text


def _progress(args: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not (args.quiet or args.no_progress)


def _fail(error: Exception, status: int) -> int:
    if os.environ.get("JAXPRUNE_TRACEBACK"):
        raise error
    text = _screen.one_line(error)
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in text:
        text = f"not enough memory; a smaller --batch-size may help. {text}"
    elif status == FAILED:
        text = f"{type(error).__name__}: {text} (JAXPRUNE_TRACEBACK=1 shows where)"
    _screen.say(f"error: {text.strip() or type(error).__name__}")
    return status
