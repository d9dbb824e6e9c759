"""What XLA makes of every kernel for TPUs, on a machine without one.

``python -m benchmarks.accelerators`` runs public functions as if the device were a TPU,
computing nothing, and compiles every kernel that they would call for the chips, with
the shapes, precision and batches that the engine chooses there. What JAX needs for it:
``pip install 'jaxprune[tpu]'``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from .cases import synthetic_features, synthetic_target
from .core import say
from .machine import HERE
from .report import mib, table, text

CHIPS, TOPOLOGIES = 4, ("v5e:2x2", "v6e:2x2")
# The CPU as so many devices; nobody asks the network which TPU this machine has, and
# no process holds it.
ENVIRONMENT = {
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_COMPILATION_CACHE": "false",
    "XLA_FLAGS": f"--xla_force_host_platform_device_count={CHIPS}",
    "TPU_SKIP_MDS_QUERY": "1",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
    "TPU_ACCELERATOR_TYPE": f"v5litepod-{CHIPS}",
    "TPU_WORKER_HOSTNAMES": "localhost",
}
# What the engine takes of a v5e, which has 16 GiB.
OPTIONS: dict[str, Any] = {"precision": "float32", "memory": "12GiB"}
COLLECTIVES = re.compile(
    r" (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter)"
    r"(?:-start)?\("
)
KERNELS = "jaxprune.kernels."
# Comparisons whose kernels are compiled apart from Pearson's.
UNUSUAL = {"Spearman"}
# Pairs whose sort compiles in seconds: of 4,186 it takes several minutes.
SORTED = 512
# What a collective of the engine may become: XLA gathers single numbers as a sum.
MEANT = {"shards._sum": {"all-reduce"}, "shards._gather": {"all-gather", "all-reduce"}}
PLANNED = {
    "leave_one_out": "bytes_of_importance",
    "score_prefixes": "bytes_of_prefixes",
    "score_sizes": "bytes_of_prefixes",
}
NOTES = """\
One call of each kernel, float32 with sums in float64, on a chip or on all of a mesh: \
flops and bytes of a chip as XLA counts them (the body of a loop once), temporary \
memory, what the engine's plan allows beside the features, and the time that the \
compiler estimates, without what it cannot (parts in float64). No code has other \
collectives than those listed, or the run ends; the kernels have none."""
# The kernel with most sums in float64.
EMULATED = "prefix.score_prefixes"
# By name and number of devices.
Calls = dict[tuple[str, bool], "Call"]


class Enough(Exception):
    """A search goes on until its kernel says that nothing is left."""


@dataclass(frozen=True, eq=False)
class Call:
    """A kernel as the engine calls it; `over` makes it one of a mesh of devices."""

    name: str
    kernel: Any
    args: Any
    options: dict[str, Any]
    over: Callable[[Any], Any] | None

    def compiled(self, devices: Any) -> Any:
        """Compile it for chips of a topology."""
        import jax
        from jax.sharding import Mesh, NamedSharding, SingleDeviceSharding

        from jaxprune.execution.shards import AXIS, SPREAD

        function, where = self.kernel, SingleDeviceSharding(devices[0])
        if self.over is not None:
            mesh = Mesh(np.array(devices), (AXIS,))
            function, where = self.over(mesh), NamedSharding(mesh, SPREAD)

        def placed(leaf: Any) -> Any:
            if not isinstance(leaf, jax.ShapeDtypeStruct):
                return leaf
            return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=where)

        args = jax.tree.map(placed, self.args)
        with jax.enable_x64(True):
            return function.lower(*args, **self.options).compile()


class Recorder:
    """Stands for a kernel: writes down how it is called, and returns zeros."""

    def __init__(
        self, calls: Calls, name: str, kernel: Any, static: Any = (), over: Any = None
    ) -> None:
        self.calls, self.name, self.kernel = calls, name, kernel
        self.static, self.over = static, over

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Record it; inside of another kernel, be the kernel."""
        import jax
        from jax.core import Tracer

        def shape_of(leaf: Any) -> Any:
            array = isinstance(leaf, np.ndarray | np.generic | jax.Array)
            return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) if array else leaf

        def zeros(like: Any) -> Any:
            sharding = None if self.over is None else leaves[0].sharding
            return jax.device_put(np.zeros(like.shape, like.dtype), sharding)

        leaves = jax.tree.leaves((args, options))
        if any(isinstance(leaf, Tracer) for leaf in leaves):
            return self.kernel(*args, **options)
        kinds = [type(leaf).__name__ for leaf in (*self.static, *args)]
        unusual = [kind for kind in kinds if kind in UNUSUAL]
        name = ", ".join([self.name, *unusual])
        shapes = jax.tree.map(shape_of, args)
        call = Call(name, self.kernel, shapes, options, self.over)
        self.calls.setdefault((name, self.over is None), call)
        if self.name.startswith("greedy."):
            raise Enough
        return jax.tree.map(
            zeros, jax.eval_shape(lambda: self.kernel(*args, **options))
        )


@contextmanager
def recording(calls: Calls) -> Iterator[None]:
    """Let the engine think that it is on accelerators, with recorders for kernels."""
    import jax

    from jaxprune.execution import shards
    from jaxprune.execution.devices import ComputeDevice

    over_mesh, jitted = shards._over_mesh, type(jax.jit(abs))

    def over(name: str, function: Any, mesh: Any, static: Any = ()) -> Recorder:
        again = partial(over_mesh, function)
        return Recorder(calls, name, again(mesh), static, again)

    def mapped(kernel: Recorder, static: Any, options: Any, mesh: Any) -> Recorder:
        def own(*args: Any) -> Any:
            return kernel(*static, *args, **dict(options))

        return over(kernel.name, own, mesh, static)

    def collective(function: Any, mesh: Any) -> Recorder:
        return over(name_of(function), function, mesh)

    with ExitStack() as stack:
        patch = mock.patch.object
        for module in [m for n, m in sys.modules.items() if n.startswith("jaxprune.")]:
            for key, kernel in list(vars(module).items()):
                ours = str(getattr(kernel, "__module__", "")).startswith(KERNELS)
                if isinstance(kernel, jitted) and ours:
                    new = Recorder(calls, name_of(kernel), kernel)
                    stack.enter_context(patch(module, key, new))
        stack.enter_context(patch(ComputeDevice, "on_cpu", False))
        stack.enter_context(patch(shards, "_mapped", mapped))
        stack.enter_context(patch(shards, "_over_mesh", collective))
        yield


def name_of(function: Any) -> str:
    """Module and function."""
    return f"{function.__module__.rsplit('.', 1)[1]}.{function.__name__}"


def runs(n: int, devices: list[Any]) -> list[Callable[..., Any]]:
    """What is called with features and target, on one device or on several."""
    import jaxprune as jp
    from jaxprune.inference import permutation_test

    given: dict[str, Any] = OPTIONS | {"devices": devices}
    every: list[Callable[..., Any]] = [
        partial(jp.prune, **given),
        # So few sizes that units join in blocks, in a narrow layer too.
        partial(permutation_test, n_permutations=1, sizes=64, **given),
    ]
    if n * (n - 1) // 2 <= SORTED:
        every.append(partial(jp.prune, compare="spearman", **given))
    if len(devices) > 1:
        return every

    def masks(x: np.ndarray, target: np.ndarray) -> Any:
        chosen = np.random.default_rng(0).random((64, x.shape[1])) < 0.5
        return jp.score_masks(x, target, chosen, **given)

    squared = partial(jp.leave_one_out, metric="sqeuclidean", **given)
    return [*every, squared, masks, partial(jp.prune, search="backward", **given)]


def recorded(x: np.ndarray, target: np.ndarray, chips: int) -> Calls:
    """Every kernel that pruning a layer calls, on so many devices."""
    import jax

    calls: Calls = {}
    for run in runs(len(x), jax.devices("cpu")[:chips]):
        with recording(calls), suppress(Enough):
            run(x, target)
    # Of permutations, each device does some by itself.
    alone = chips == 1
    return {key: call for key, call in calls.items() if (call.over is None) == alone}


def compile_for(topology: str, call: Call) -> dict[str, Any]:
    """What the compiler says of a kernel.

    Raises
    ------
    AssertionError
        Other collectives are in the code than the engine asks for.
    """
    from jax.experimental import topologies

    found = topologies.get_topology_desc(platform="tpu", topology_name=topology)
    compiled = call.compiled(found.devices[:CHIPS])
    collectives = sorted(set(COLLECTIVES.findall(compiled.as_text())))
    meant = MEANT.get(call.name, set())
    if not meant >= set(collectives) or bool(meant) != bool(collectives):
        raise AssertionError(f"{call.name} for {topology} has {collectives}")
    costs, memory = compiled.cost_analysis(), compiled.memory_analysis()
    return {
        "flops": max(costs.get("flops", 0), 0),
        "bytes": costs.get("bytes accessed", 0),
        "temporary": memory.temp_size_in_bytes,
        # Every part that the compiler has no estimate for counts -1.
        "seconds": costs.get("optimal_seconds", 0) % 1,
        "collectives": collectives,
    }


def lines_of(n: int, n_units: int, topologies: list[str]) -> list[str]:
    """A table of the kernels of one layer, and what sums in float64 cost."""
    from jaxprune.engine.plan import Plan

    x = synthetic_features(n, n_units)
    target, rows, after = synthetic_target(x), [], []
    with recording({}):
        plan = Plan.of(x, **OPTIONS)
        planned = {name: getattr(plan, name) for name in PLANNED.values()}
    for chips in (1, CHIPS):
        for call in recorded(x, target, chips).values():
            say(f"  {n} x {n_units:,}: {call.name}, on {chips}")
            made = [compile_for(topology, call) for topology in topologies]
            first = made[0]
            allowed = PLANNED.get(call.name.split(",")[0].split(".")[1])
            rows.append(
                [
                    call.name,
                    str(chips),
                    f"{first['flops']:.2g}",
                    f"{first['bytes']:.2g}",
                    mib(max(one["temporary"] for one in made)),
                    mib(planned[allowed]) if allowed else "",
                    *(text(m["seconds"]) if m["seconds"] else "" for m in made),
                    ", ".join(first["collectives"]),
                ]
            )
            if call.name == EMULATED and chips == 1:
                after = [sums_in_float32(topologies[0], call, first), ""]
    header = ["kernel", "chips", "flops", "bytes", "temporary", "plan"]
    header += [*(name.split(":")[0] for name in topologies), "collectives"]
    return [f"## {n} x {n_units:,}", "", *table(header, rows), "", *after]


def sums_in_float32(topology: str, call: Call, made: dict[str, Any]) -> str:
    """Say what the kernel would cost if nothing in it were float64."""
    import jax

    def single(leaf: Any) -> Any:
        if getattr(leaf, "dtype", None) != np.float64:
            return leaf
        return jax.ShapeDtypeStruct(leaf.shape, np.float32)

    less = compile_for(topology, replace(call, args=jax.tree.map(single, call.args)))
    flops, n_bytes = (made[key] / less[key] for key in ("flops", "bytes"))
    return (
        f"Sums in float64, which a TPU emulates, cost `{call.name}` {flops:.2f} times "
        f"the flops and {n_bytes:.2f} times the bytes of sums in float32. It has "
        f"{made['flops'] / made['bytes']:.1f} flops a byte, so bytes decide."
    )


def main() -> None:
    """Compile, and write ``ACCELERATORS.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", nargs="+", default=["32x25088", "200x262144"])
    parser.add_argument("--topologies", nargs="+", default=list(TOPOLOGIES))
    parser.add_argument("--out", type=Path, default=HERE, metavar="DIR")
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    import jax

    lines = [
        "# Kernels compiled for TPUs",
        "",
        f"`python -m benchmarks.accelerators --layers {' '.join(options.layers)} "
        f"--topologies {' '.join(options.topologies)}`, jax {jax.__version__}, libtpu "
        f"{version('libtpu')}.",
        "",
        NOTES,
        "",
    ]
    for layer in options.layers:
        n, n_units = map(int, layer.split("x"))
        lines += lines_of(n, n_units, options.topologies)
        (options.out / "ACCELERATORS.md").write_text("\n".join(lines).rstrip() + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
