"""``jaxprune info``: what this machine has."""

from __future__ import annotations

import argparse
from typing import Any

from ...base.machine import machine_memory
from ...report import screen
from .. import options
from ._compiled import keep_compiled

ABOUT = """\
Show versions, devices, threads, memory, the precision that `--precision auto`
stands for here, and where compiled kernels are kept.

With --plan, show how `jaxprune prune` would go about a layer: on which devices,
in what pieces, and in how much memory. Of FEATURES only shape and dtype are
looked at, and nothing is computed."""

END = """\
examples:
  jaxprune info
  jaxprune info --plan wide.npy --devices all --memory 4GiB"""

# Options that say how FEATURES would be pruned, and their defaults.
PLAN = (
    ("features_key", None),
    ("metric", "correlation"),
    ("compare", "pearson"),
    ("method", "auto"),
    ("precision", "auto"),
    ("devices", "one"),
    ("memory", None),
)
NEEDED = ("jax", "jaxlib", "numpy", "scipy", "flax", "h5py", "matplotlib")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "versions, devices, precision, memory"
    add = options.command(commands, "info", run, text, ABOUT, END)
    add.add_argument(
        "--plan", metavar="FEATURES", help=f"conditions x units; {options.FILES}"
    )
    add.add_argument(
        "--features-key", metavar="KEY", help="array in FEATURES, if it holds several"
    )
    options.add_path(add.add_argument_group("how FEATURES would be pruned"))
    options.add_devices(add)


def run(args: argparse.Namespace) -> int:
    """Show what this machine has, or how it would prune a layer."""
    if args.plan is None:
        if stray := [f"--{n.replace('_', '-')}" for n, d in PLAN if vars(args)[n] != d]:
            raise ValueError(
                f"{stray[0]} was given without --plan; expected --plan FEATURES beside "
                "it"
            )
        return _show_machine()
    return _show_plan(args)


def _show_plan(args: argparse.Namespace) -> int:
    from ...engine.plan import Plan
    from ...io import load_features
    from ...io.labelled import NO_LABELS
    from ...metrics import METRICS

    folded = METRICS[args.metric].folded
    features = load_features(
        args.plan, args.features_key, labels=NO_LABELS, folded=folded, lazy=True
    )
    plan = Plan.of(
        features.values,
        args.metric,
        args.compare,
        method=args.method,
        precision=args.precision,
        **options.devices_given(args),
    )
    for label, text in plan.lines():
        print(screen.wrapped(label, text))
    return 0


def _show_machine() -> int:
    from importlib.metadata import PackageNotFoundError, version
    from platform import platform, python_version

    from ...base.version import __version__
    from ...execution.devices import device_of, local_devices

    def found(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    print(screen.fact("jaxprune", __version__))
    print(screen.fact("python", f"{python_version()} on {platform()}"))
    for package in (*NEEDED, "scikit-learn", "rsatoolbox", "torch"):
        needed = "" if package in NEEDED or found(package)[0] != "n" else " (optional)"
        print(screen.fact(package, found(package) + needed))
    device = device_of(None, "auto")
    devices = ", ".join(
        f"{device.platform}:{device.id} {device.device_kind}"
        for device in local_devices()
    )
    print(screen.fact("devices", devices))
    print(screen.fact("uses", f"{device.name}, precision auto = {device.dtype}"))
    print(screen.fact("threads", str(device.workers)))
    print(screen.fact("memory", _memory(device.jax_device)))
    print(screen.fact("compiled", _kept()))
    return 0


def _kept() -> str:
    """Where compiled kernels are kept, and how much there is."""
    folder = keep_compiled()
    if folder is None:
        return "not kept"
    sizes = [file.stat().st_size for file in folder.glob("*-cache")]
    return f"{folder}: {len(sizes):,} kernels, {sum(sizes) / 2**20:.1f} MiB"


def _memory(device: Any) -> str:
    total = machine_memory()
    text = "not known" if total is None else f"{total / 2**30:.1f} GiB"
    if limit := (device.memory_stats() or {}).get("bytes_limit"):
        text += f", device {limit / 2**30:.1f} GiB"
    return text
