"""From a result to Markdown: ``python -m benchmarks.scale_report FILE.json [--write]``.

The second form also renews the section of ``RESULTS.md``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

from . import scale_targets as derived
from .measure import say
from .section import put
from .targets import find
from .words import machine_line, table, text, times

NOTES = """\
Synthetic layers as after a ReLU, float32, four fifths zeros; every layer in a process
of its own. *Time* is the median of the whole public call, warm, features {where},
results to NumPy; in brackets the smallest and the largest. *Compiling* is what the
first call took beyond that (of `prune`, beyond leave-one-out of the same layer, which
comes before). *Five products*: the time that five (n, n) by (n, N) products take, 10
n² N flops, at the fastest rate of `jnp.matmul` (precision "highest": no TF32) that the
same process reaches with any of several widths, in the same dtype; *of rate* is its
inverse, in percent. *Of bandwidth*: bytes of the features (4 n N), read once for each
pass, over the time and over what `y = 2 x` reads and writes; two passes for
leave-one-out (Gram matrix, importances), three for `prune` (prefixes). *Memory* is the
peak beyond what was in use before, so beyond the features: {memory}. *Agreement*: of
leave-one-out in float64, the largest difference to a rival's scores, by deletion where
that was measured, else by the NumPy rank-one loop; in float32, the largest to float64;
both in brackets relative to the largest importance. Of `prune`, the best score against
recomputing it from the retained units in float64; in float32 also the units that it
and float64 do not both retain.
"""
CPU_MEMORY = "resident, during a warm call"
DEVICE_MEMORY = (
    "on the device, during the first call, with what the compiler tries out; with <=, "
    "an earlier call of the layer needed as much"
)
RIVALS = """\
Times of a whole leave-one-out, scaled from a sample of units that takes {sample:g} s or
more; in brackets, in units of jaxprune in float64. With ~ the layer is too wide for a
rival: extrapolated from the widest layer measured with as many conditions, with the
square of the units where every RDM is rebuilt, in proportion for the rank-one updates.
The script's `prune` is its leave-one-out and its reintroduction.
"""
RIVAL_NAMES = {
    ("script", "leave_one_out"): "script, joblib",
    ("rsatoolbox", "leave_one_out"): "rsatoolbox loop",
    ("numpy", "leave_one_out"): "NumPy rank-one loop",
    ("torch_float64", "leave_one_out"): "PyTorch batched rank-one, float64",
    ("torch_float32", "leave_one_out"): "PyTorch batched rank-one, float32",
    ("script", "prune"): "script, joblib: prune",
}


def markdown(result: dict[str, Any], picture: str | None = None) -> str:
    """Section of a result."""
    machine, cases = result["machine"], result["cases"]
    on_cpu = machine["device"] == "cpu"
    lines = [f"## Very wide layers: {machine['device']}", ""]
    budget = result["settings"]["memory_mib"]
    largest = result["settings"]["largest"]
    how = f"python -m benchmarks.scale{f' --memory {budget}' if budget else ''}"
    how += f" --largest {largest:g}" if largest else ""
    lines += [f"`{how} --write`. {machine_line(machine)}", ""]
    rows = derived.evaluate(cases, on_cpu)
    if rows:
        said = {True: "yes", False: "**no**", None: ""}
        cells = [
            [row["what"], row["target"], row["reached"], said[row["met"]]]
            for row in rows
        ]
        lines += [*table(["", "target", "reached", "met"], cells), ""]
    if picture:
        lines += [f"![Time against units]({picture})", ""]
    for n in sorted({case["n"] for case in cases}):
        some = [case for case in cases if case["n"] == n]
        lines += [f"### {n:,} conditions", "", *_times(some), ""]
        lines += [*_rates(some), ""]
        if result["settings"]["rivals"]:
            lines += [*_rivals(some), ""]
    where = "from NumPy" if on_cpu else "on the device"
    memory = CPU_MEMORY if on_cpu else DEVICE_MEMORY
    lines += [fill(NOTES.format(where=where, memory=memory), 88), ""]
    if result["settings"]["rivals"]:
        sample = result["settings"]["sample_seconds"]
        lines += [fill(RIVALS.format(sample=sample), 88)]
    return "\n".join(lines).rstrip() + "\n"


def _times(cases: list[dict[str, Any]]) -> list[str]:
    header = ["units", "", "dtype", "time", "compiling", "/ five products", "of rate"]
    header += ["of bandwidth", "memory", "agreement"]
    rows = []
    for case in cases:
        units = f"{case['n_units']:,}"
        if not {"finished", "skipped", "failed"} & case.keys():
            units += " (interrupted)"
        for reason in ("skipped", "failed"):
            if reason in case:
                said = f"{reason}: {case[reason]}"
                rows.append([units, said, *[""] * (len(header) - 2)])
        for record in case["methods"]:
            if not record["key"].startswith("jaxprune"):
                continue
            if "skipped" in record:
                head = [units, derived.NAMES[record["task"]], record["dtype"]]
                said = f"failed: {record['skipped']}"
                rows.append([*head, said, *[""] * (len(header) - 4)])
            else:
                rows.append([units, *_cells(case, record)])
    return table(header, rows)


def _cells(case: dict[str, Any], record: dict[str, Any]) -> list[str]:
    task, dtype = record["task"], record["dtype"]
    ratio = derived.in_products(case, task, dtype)
    share = derived.of_bandwidth(case, task, dtype)
    memory, bound = derived.beyond_features(record)
    compiling = record["compile"]
    spread = f" ({text(record['min'])} - {text(record['max'])})"
    return [
        derived.NAMES[task],
        dtype,
        text(record["median"]) + spread,
        # Less than two calls differ by is nothing.
        text(compiling) if compiling > record["max"] - record["min"] else "",
        times(ratio) if ratio else "",
        f"{100 / ratio:.0f} %" if ratio and task == "leave_one_out" else "",
        f"{100 * share:.2g} %" if share else "",
        f"{'<= ' if bound else ''}{memory / 2**20:,.1f} MiB" if memory else "",
        _agreement(case, task, dtype),
    ]


def _agreement(case: dict[str, Any], task: str, dtype: str) -> str:
    found = case.get("agreement", {}).get(task, {})
    if task == "leave_one_out":
        if dtype == "float64":
            # By deletion where that was possible.
            pairs = (find(case, task, key) for key in ("script", "numpy"))
            found = next((one for one in pairs if "difference" in one), {})
        if "difference" not in found:
            return ""
        return f"{found['difference']:.1e} ({found['difference_relative']:.1e})"
    said = []
    if f"best_score_{dtype}" in found:
        said.append(f"{found[f'best_score_{dtype}']:.1e}")
    if dtype == "float32" and "in_one_only" in found:
        differ, kept = found["in_one_only"], found["retained"][0]
        said.append(f"{differ:,} of {kept:,} differ" if differ else "same retained")
    return "; ".join(said)


def _rates(cases: list[dict[str, Any]]) -> list[str]:
    """Lines on the yard-sticks, and on transfers where there are any."""
    rows = []
    for case in cases:
        if "bandwidth" not in case:
            continue
        rates = case["products"]
        cells = [
            f"{rates[d]['flops'] / 1e9:,.0f} (w = {rates[d]['width']:,})"
            if d in rates
            else ""
            for d in derived.DTYPES
        ]
        load = ", ".join(map(str, case["load_before"]))
        moved = case.get("transfer")
        cells += [f"{case['bandwidth'] / 1e9:,.1f}", load]
        cells.append(
            f"{text(moved['features'])}, {text(moved['importances'])}" if moved else ""
        )
        rows.append([f"{case['n_units']:,}", *cells])
    header = ["units", "products, float64, GFLOP/s", "products, float32, GFLOP/s"]
    header += ["bandwidth, GB/s", "load before", "transfer: features, results"]
    return table(header, rows)


def _rivals(cases: list[dict[str, Any]]) -> list[str]:
    measured = [case for case in cases if case["methods"]]
    rows = []
    for (key, task), name in RIVAL_NAMES.items():
        cells, known = [], False
        for case in measured:
            seconds, narrower = derived.rival(cases, case, key, task)
            reference = derived.ours(case, task, "float64").get("median")
            if seconds is None:
                reason = find(case, task, key).get("skipped")
                cells.append(f"skipped: {reason}" if reason else "")
                known = known or bool(reason)
                continue
            known = True
            ratio = f" ({times(seconds / reference)})" if reference else ""
            about = "~ " if narrower else ""
            timed = _timed(find(case, task, key))
            cells.append(f"{about}{text(seconds)}{ratio}{timed}")
        if known:
            rows.append([name, *cells])
    return table(["", *(f"{case['n_units']:,}" for case in measured)], rows)


def _timed(record: dict[str, Any]) -> str:
    """Units of a sample, where not all were timed."""
    done = record.get("done")
    return f", {done:,} timed" if done and done < record["of"] else ""


def write(result: dict[str, Any], folder: Path, results: Path | None = None) -> str:
    """Write ``scale.md`` and the figure into a folder; return the text.

    Parameters
    ----------
    result : dict
    folder : Path
    results : Path or None
        Folder whose ``RESULTS.md`` gets the section.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kind = result["machine"]["device"].split()[0]
    name = f"scale-{kind}.png"
    said = markdown(result, name if _draw(result, folder / name) else None)
    (folder / "scale.md").write_text(said)
    if results is not None:
        drawn = _draw(result, results / name)
        put(results / "RESULTS.md", f"scale-{kind}", markdown(result, drawn and name))
    return said


def _draw(result: dict[str, Any], path: Path) -> str | None:
    """Draw the figure where that is possible."""
    try:
        from .scale_figure import draw
    except ImportError as error:
        say(f"no figure: {error}")
        return None
    return draw(result, path)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    here = Path(__file__).resolve().parent
    renew = here if "--write" in sys.argv[2:] else None
    print(write(json.loads(file.read_text()), file.parent, renew))
