"""From a result to Markdown: ``python -m benchmarks.scale_report FILE.json [--write]``.

The second form also renews the section of ``RESULTS.md``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

from . import machine
from . import scale_targets as derived
from .core import DTYPES, say
from .report import find, listed, mib, put, table, targets, text, times, with_spread

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
and float64 do not both retain. *Permutations*: a test with {permutations} of them,
each the whole pruning once more.
"""
ON_CPU = {"where": "from NumPy", "memory": "resident, during a warm call"}
ON_DEVICE = {
    "where": "on the device",
    "memory": "on the device, during the first call, with what the compiler tries out; "
    "with <=, an earlier call of the layer needed as much",
}
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
    device, settings = result["machine"]["device"], result["settings"]
    cases, on_cpu = result["cases"], device == "cpu"
    how = "python -m benchmarks.scale"
    how += f" --memory {settings['memory_mib']}" if settings["memory_mib"] else ""
    how += f" --largest {settings['largest']:g}" if settings["largest"] else ""
    lines = [f"## Very wide layers: {device}", ""]
    lines += [f"`{how} --write`. {machine.line(result['machine'])}", ""]
    lines += targets(derived.evaluate(cases, on_cpu))
    if picture:
        lines += [f"![Time against units]({picture})", ""]
    for n in sorted({case["n"] for case in cases}):
        some = [case for case in cases if case["n"] == n]
        lines += [f"### {n:,} conditions", "", *_times(some), "", *_rates(some), ""]
        if settings["rivals"]:
            lines += [*_rivals(some), ""]
    where = ON_CPU if on_cpu else ON_DEVICE
    said = NOTES.format(**where, permutations=derived.PERMUTATIONS)
    lines += [fill(said, 88), ""]
    if settings["rivals"]:
        lines += [fill(RIVALS.format(sample=settings["sample_seconds"]), 88)]
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
                rows.append([units, f"{reason}: {case[reason]}"])
        for record in case["methods"]:
            if not record["key"].startswith("jaxprune"):
                continue
            head = [units, derived.NAMES[record["task"]], record["dtype"]]
            if "skipped" in record:
                rows.append([*head, f"failed: {record['skipped']}"])
            else:
                rows.append([*head, *_cells(case, record)])
    return table(header, rows)


def _cells(case: dict[str, Any], record: dict[str, Any]) -> list[str]:
    task, dtype = record["task"], record["dtype"]
    ratio = derived.in_products(case, task, dtype)
    share = derived.of_bandwidth(case, task, dtype)
    memory, compiling = record.get("memory"), record["compile"]
    # Where the features are.
    memory = record.get("memory_device", memory)
    bound = "<= " if record.get("memory_device_is_bound") else ""
    return [
        with_spread(record),
        # Less than two calls differ by is nothing.
        text(compiling) if compiling > record["max"] - record["min"] else "",
        times(ratio) if ratio else "",
        f"{100 / ratio:.0f} %" if ratio and task == "leave_one_out" else "",
        f"{100 * share:.2g} %" if share else "",
        f"{bound}{mib(memory)}" if memory else "",
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
        rates = [case["products"].get(dtype) for dtype in DTYPES]
        moved = case.get("transfer", {}).values()
        rows.append(
            [
                f"{case['n_units']:,}",
                *(
                    f"{r['flops'] / 1e9:,.0f} (w = {r['width']:,})" if r else ""
                    for r in rates
                ),
                f"{case['bandwidth'] / 1e9:,.1f}",
                listed(case["load_before"]),
                ", ".join(text(seconds) for seconds in moved),
            ]
        )
    header = ["units", *(f"products, {dtype}, GFLOP/s" for dtype in DTYPES)]
    header += ["bandwidth, GB/s", "load before", "transfer: features, results"]
    return table(header, rows)


def _rivals(cases: list[dict[str, Any]]) -> list[str]:
    measured = [case for case in cases if case["methods"]]
    rows = [
        [name, *(_rival(cases, case, key, task) for case in measured)]
        for (key, task), name in RIVAL_NAMES.items()
    ]
    header = ["", *(f"{case['n_units']:,}" for case in measured)]
    return table(header, [row for row in rows if any(row[1:])])


def _rival(cases: list[Any], case: dict[str, Any], key: str, task: str) -> str:
    seconds, narrower = derived.rival(cases, case, key, task)
    record = find(case, task, key)
    if seconds is None:
        return f"skipped: {record['skipped']}" if record.get("skipped") else ""
    about = "~ " if narrower else ""
    reference = derived.ours(case, task, "float64").get("median")
    ratio = f" ({times(seconds / reference)})" if reference else ""
    done = record.get("done")
    # Units of a sample, where not all were timed.
    sample = f", {done:,} timed" if done and done < record["of"] else ""
    return f"{about}{text(seconds)}{ratio}{sample}"


def write(result: dict[str, Any], folder: Path, results: Path | None = None) -> str:
    """Write ``scale.md`` and the figure into a folder; return the text.

    It also goes into its section of the ``RESULTS.md`` of another folder, if given.
    """
    kind = result["machine"]["device"].split()[0]
    name = f"scale-{kind}.png"
    folder.mkdir(parents=True, exist_ok=True)
    said = markdown(result, name if _draw(result, folder / name) else None)
    (folder / "scale.md").write_text(said)
    if results is not None:
        _draw(result, results / name)
        put(results / "RESULTS.md", f"scale-{kind}", said)
    return said


def _draw(result: dict[str, Any], path: Path) -> str | None:
    """Draw the figure where that is possible."""
    try:
        from .figures import scale
    except ImportError as error:
        say(f"no figure: {error}")
        return None
    return scale(result, path)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    renew = machine.HERE if "--write" in sys.argv[2:] else None
    print(write(json.loads(file.read_text()), file.parent, renew))
