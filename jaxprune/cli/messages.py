"""What the command line shows: messages, and facts and tables of 80 ASCII columns."""

from __future__ import annotations

import re
import sys
from typing import Any

# A message with more is not put on one line.
LINES = 8
# Arguments of the Python functions that are options of the command line.
OPTIONS = (
    "metric",
    "compare",
    "objective",
    "method",
    "precision",
    "undefined",
    "target_kind",
    "pool",
    "batch_size",
)
# Others that messages name.
MORE = (
    "on_error",
    "devices",
    "memory",
    "search",
    "importance",
    "missing",
    "groups",
    "kinds",
)


def say(text: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"jaxprune: {text}\n")


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """Stand in for :func:`warnings.showwarning`: the message, on one line."""
    del category, filename, lineno, file, line
    say(f"warning: {one_line(message)}")


def one_line(error: Any) -> str:
    r"""Put a message on one line, with options as the command line spells them.

    A long list stays one: what is wrong with a checkpoint may be hundreds of entries.

    >>> one_line(ValueError("it holds:\n  a\n  b; pass target_kind='similarity'"))
    'it holds: a; b; pass --target-kind similarity'
    """
    # str() of a KeyError is the repr of its message.
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    text = text.strip()
    if text.count("\n") < LINES:
        text = re.sub(r":\s*\n\s*", ": ", text)
        text = re.sub(r"[.;]?\s*\n\s*", "; ", text)
    for flag in ("partial", "ignore_case", "semi"):
        text = text.replace(f"{flag}=True", f"--{flag.replace('_', '-')}")
    return re.sub(
        rf"\b({'|'.join((*OPTIONS, *MORE))})=['\"]?([\w-]+(?:\.\w+)?)['\"]?",
        lambda found: f"--{found[1].replace('_', '-')} {found[2]}",
        text,
    )
