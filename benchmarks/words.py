"""Durations, ratios and tables, as the reports print them."""

from __future__ import annotations

from typing import Any


def text(seconds: float) -> str:
    """Return a duration in the unit one would say it in."""
    for limit, unit, name in ((1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / 3600:.3g} h"


def times(ratio: float) -> str:
    """Return a ratio in three digits or so."""
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table, numbers to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return ["| " + " | ".join(row) + " |" for row in [header, rule, *rows]]


def machine_line(machine: dict[str, Any]) -> str:
    """A machine, in a line."""
    versions = machine["versions"]
    listed = ", ".join(f"{name} {value}" for name, value in versions.items() if value)
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}; device {machine['device']}. "
        f"jaxprune {machine['jaxprune']} ({machine['commit']}), Python "
        f"{machine['python']}, {listed}. {machine['when']}."
    )
