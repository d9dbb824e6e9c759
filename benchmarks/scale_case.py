"""One very wide layer, in a process of its own: ``python -m benchmarks.scale_case``.

Only so is the peak of an accelerator's memory that of the layer, and only so is the
rest of a run safe from a layer that does not fit. What is measured is written as it is
measured.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from . import agreement, machine
from .cases import lacking, too_large, wide_case
from .core import Method, Protocol, measure, timed
from .methods import leave_one_out, methods_of, ours
from .rank_one import torch_device, torch_missing, torch_without
from .report import keep
from .scale_targets import PERMUTATIONS
from .yardstick import bandwidth, product_rate

# Activations up to which the ways that rebuild every RDM are measured; each worker
# holds several copies in float64.
REBUILDS = 2.1e7
# Copies of the features in float64 that a rank-one rival holds on the host: given,
# centred, normalised, and with units as rows.
RANK_ONE_COPIES = 4
# No more rounds of a method once they have taken so many seconds.
LONG = 10.0
# On a CPU, activations of a layer that takes minutes and not hours.
CPU_LARGEST = 3.2e8


class Measurement:
    """One layer: what is asked for, what was measured, and the file it goes to.

    Parameters
    ----------
    n, n_units : int
    settings : dict
        Of `scale.settings`.
    file : Path
    """

    def __init__(
        self, n: int, n_units: int, settings: dict[str, Any], file: Path
    ) -> None:
        self.n, self.n_units, self.settings, self.file = n, n_units, settings, file
        rounds, seconds = settings["rounds"], settings["sample_seconds"]
        self.protocol = Protocol(rounds, seconds, patience=LONG, memory=True)
        self.results: dict[tuple[str, str], Any] = {}
        self.products: dict[str, Any] = {}
        self.record: dict[str, Any] = {
            "name": f"{n}x{n_units}",
            "n": n,
            "n_units": n_units,
            "feature_bytes": 4 * n * n_units,
            "memory_mib": settings["memory_mib"],
            "load_before": machine.load(),
            "methods": [],
        }

    def save(self, **more: Any) -> None:
        """Write what there is."""
        self.record |= more
        keep(self.file, self.record)

    def run(self) -> None:
        """Measure."""
        stats = machine.device_stats()
        largest = self.settings["largest"] or (None if stats else CPU_LARGEST)
        limit = stats.get("bytes_limit", 0)
        if reason := too_large(self.n, self.n_units, limit, largest):
            self.save(skipped=reason)
            return
        self.case = wide_case(self.n, self.n_units)
        self.x: Any = self.transfer() if stats else self.case.x
        self.warm_up()
        for method in self.ours():
            self.add(method)
        for dtype in self.settings["dtypes"]:
            if dtype not in self.products:
                self.products[dtype] = product_rate(self.n, dtype)
        self.save(products=self.products, bandwidth=bandwidth())
        self.save(agreement=self.agreement())
        if self.settings["rivals"]:
            # The engine's copy would be in the way of theirs.
            self.x = None
            gc.collect()
            for method in self.rivals():
                self.add(method)
        self.save(finished=True)

    def transfer(self) -> Any:
        """Features on the device, and the seconds there and back."""
        import jax

        device, seconds = jax.local_devices()[0], []
        x = None
        for _ in range(2):
            # The first one also sets the runtime up. Never two of them at once.
            del x
            start = time.perf_counter()
            x = jax.block_until_ready(jax.device_put(self.case.x, device))
            seconds.append(time.perf_counter() - start)
        with jax.enable_x64(True):
            values = jax.device_put(np.zeros((2, self.n_units)), device)
        jax.block_until_ready(values)
        back = timed(lambda: np.asarray(values)).work
        self.save(transfer={"features": min(seconds), "importances": back})
        return x

    def warm_up(self) -> None:
        """Start threads and libraries, which is no part of compiling a layer."""
        import jax
        import jax.numpy as jnp

        for dtype in self.settings["dtypes"]:
            with jax.enable_x64(True):
                a = jnp.ones((self.n, self.n), dtype)
                jnp.matmul(a, a, precision="highest").block_until_ready()

    def ours(self) -> list[Method]:
        """What jaxprune does, least memory first."""
        import jaxprune as jp
        from jaxprune.inference import permutation_test

        budget = self.settings["memory_mib"]
        functions: dict[str, Any] = {
            "leave_one_out": jp.leave_one_out,
            "prune": jp.prune,
            "prune_bounded": partial(jp.prune, memory=budget and budget * 2**20),
            "permutations": partial(permutation_test, n_permutations=PERMUTATIONS),
        }

        def call(task: str, dtype: str, _: np.ndarray) -> Any:
            # The last one's goes first: two would be no caller's memory.
            self.results.pop((task, dtype), None)
            result = functions[task](self.x, self.case.target, precision=dtype)
            self.results[task, dtype] = result
            return result

        units, made = np.arange(self.n_units), []
        for task in self.settings["tasks"]:
            options: dict[str, Any] = {"key": "jaxprune", "whole": True}
            made += ours(task, "jaxprune", partial(call, task), units, **options)
        dtypes = self.settings["dtypes"]
        return [method for dtype in dtypes for method in made if method.dtype == dtype]

    def add(self, method: Method) -> None:
        """Time a method, and keep its record."""
        (run,) = measure([method], self.protocol)
        record = run.record()
        ours = self.results.get((method.task, "float64"))
        if method.ours and not run.skipped:
            compiling = record["compile_and_first"] - record["median"]
            record["compile"] = max(compiling, 0)
        elif ours is not None and method.dtype != "float32" and not run.skipped:
            gap = np.abs(run.parts.values - ours.scores[run.items])
            record["difference"] = float(np.nanmax(gap))
            largest = float(np.nanmax(np.abs(ours.importance)))
            record["difference_relative"] = record["difference"] / largest
        if method.ours and method.task == "leave_one_out" and self.x is self.case.x:
            # On a CPU others may be at work: beside what is held to it. On a device
            # it would raise the peak.
            self.products[method.dtype] = product_rate(self.n, method.dtype)
        self.record["methods"].append(record)
        self.save()

    def agreement(self) -> dict[str, Any]:
        """Float32 against float64, and the retained units against their definition."""
        out: dict[str, Any] = {}
        for task in self.settings["tasks"]:
            if task == "permutations":
                continue
            pair = [self.results.get((task, d)) for d in ("float64", "float32")]
            out[task] = compared(*pair) if all(p is not None for p in pair) else {}
        for (task, dtype), result in self.results.items():
            if task.startswith("prune"):
                score = agreement.score_of(self.case, result.retained)
                gap = abs(float(result.best_score) - score)
                out[task][f"best_score_{dtype}"] = gap
        return out

    def rivals(self) -> list[Method]:
        """The others, with why they cannot run on a layer this wide."""
        others = [m for m in leave_one_out(self.case) if not m.ours]
        others = [m for m in others if m.key != "script_each"]
        if "prune" in self.settings["tasks"]:
            # What pruning adds to the script's leave-one-out.
            others += methods_of("reintroduction", self.case)[:1]
        return [self.here(method) for method in others]

    def here(self, method: Method) -> Method:
        """A rival on this layer."""
        method = replace(method, skipped=method.skipped or self.too_much(method))
        if not method.key.startswith("torch"):
            return method
        dtype = method.dtype
        return replace(method, call=lambda u: torch_without(self.torch_case, u, dtype))

    def too_much(self, method: Method) -> str | None:
        """Why a rival is not measured on a layer this wide, if it is not."""
        if method.key in ("script", "rsatoolbox"):
            too_wide = self.n * self.n_units > REBUILDS
            return f"more than {REBUILDS:.2g} activations" if too_wide else None
        on_gpu = method.key.startswith("torch") and torch_device() == "cuda"
        needed = 0 if on_gpu else 8 * RANK_ONE_COPIES * self.n * self.n_units
        return lacking(needed, machine.available_memory(), "this machine")

    @cached_property
    def torch_case(self) -> Any:
        """The layer with the features where PyTorch computes, as ours are."""
        import torch

        return replace(self.case, x=torch.as_tensor(self.case.x, device=torch_device()))


def compared(double: Any, single: Any) -> dict[str, Any]:
    """Two results of one task, in float64 and in float32."""
    gap = float(np.nanmax(np.abs(double.importance - single.importance)))
    largest = float(np.nanmax(np.abs(double.importance)))
    out: dict[str, Any] = {"difference": gap, "difference_relative": gap / largest}
    if hasattr(double, "retained"):
        out["retained"] = [len(double.retained), len(single.retained)]
        out["in_one_only"] = len(np.setxor1d(double.retained, single.retained))
        out["best_scores"] = [float(double.best_score), float(single.best_score)]
    return out


def main(words: list[str]) -> None:
    """Print the machine, or measure a layer into a file.

    ``describe``, or ``N_CONDITIONS N_UNITS SETTINGS FILE``.
    """
    if words == ["describe"]:
        where = torch_missing() or torch_device()
        print(json.dumps(machine.describe() | {"torch": where}))
        return
    n, n_units, settings, file = words
    measurement = Measurement(int(n), int(n_units), json.loads(settings), Path(file))
    try:
        measurement.run()
    except (RuntimeError, MemoryError, ValueError) as error:
        measurement.save(failed=str(error).splitlines()[0][:300])
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
