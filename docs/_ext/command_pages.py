"""A page for every command, from its own parser."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jaxprune.cli.main import make_parser
from jaxprune.cli.options import Parser

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "commands/generated"


def parsers(parser: Parser | None = None) -> Iterator[Parser]:
    """All parsers that have options of their own, in the order of the help."""
    parser = parser or make_parser()
    if parser.later is not None:
        add, parser.later = parser.later, None
        add(parser)
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in below:
        for one in action.choices.values():
            yield from parsers(one)
    if not below:
        yield parser


def page(parser: Parser) -> str:
    """The page of a command, in reStructuredText."""
    parts = [
        f"{parser.prog}\n{'=' * len(parser.prog)}",
        _prose(parser.description or ""),
        _literal(parser.format_usage().removeprefix("usage: ")),
        f".. program:: {parser.prog}",
    ]
    for group in parser._action_groups:
        actions = [a for a in group._group_actions if a.help != argparse.SUPPRESS]
        if actions:
            title = (group.title or "").capitalize()
            parts += [f"{title}\n{'-' * len(title)}", *map(_option, actions)]
    if parser.epilog:
        parts.append(_prose(parser.epilog))
    return "\n\n".join(parts) + "\n"


def _option(action: argparse.Action) -> str:
    """One option or argument, and what its help says."""
    takes = action.metavar or action.dest.upper()
    takes = "" if action.nargs == 0 else f" {takes}"
    if action.nargs == "?" and action.option_strings:
        takes = f" [{takes.strip()}]"
    names = ", ".join(f"{name}{takes}" for name in action.option_strings)
    text = (action.help or "").replace("%%", "%")
    return f".. option:: {names or takes.strip()}\n\n   {_escaped(text)}"


def _prose(text: str) -> str:
    """Paragraphs; what is indented stays as it is."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.splitlines()
        flush = [k for k, line in enumerate(lines) if not line.startswith(" ")]
        first = next((k for k in range(len(lines)) if k not in flush), len(lines))
        if first:
            found.append(_escaped("\n".join(lines[:first])))
        if first < len(lines):
            last = max([k for k in flush if k > first], default=len(lines))
            found.append(_literal("\n".join(lines[first:last])))
            if last < len(lines):
                found.append(_prose("\n".join(lines[last:])))
    return "\n\n".join(found)


def _literal(text: str) -> str:
    body = textwrap.indent(textwrap.dedent(text.strip("\n")), "   ")
    return f".. code-block:: text\n\n{body}"


def _escaped(text: str) -> str:
    """Set options and commands as code; let nothing else be read as markup."""
    parts = re.split(r"`([^`]+)`|(?<![\w-])(--[a-z][\w-]*)", text)
    found = []
    for k, part in enumerate(parts):
        if k % 3 and part:
            found.append(f"``{part}``")
        elif part:
            found.append(re.sub(r"([*|_\\])", r"\\\1", part))
    return "".join(found)


def file_name(parser: Parser) -> str:
    """``prune`` of ``jaxprune prune``; ``study-small-cnn`` of a study."""
    return "-".join(parser.prog.split()[1:])


def _write(app: Sphinx) -> None:
    folder = Path(app.srcdir, FOLDER)
    folder.mkdir(exist_ok=True)
    pages = {folder / f"{file_name(p)}.rst": page(p) for p in parsers()}
    for path in {*folder.glob("*.rst")} - pages.keys():
        path.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict:
    """Write the pages before sources are read."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
