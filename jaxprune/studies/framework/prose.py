"""A report from prose: Markdown with tables, figures and numbers put in.

Paragraphs and headings are as in Markdown. A block may begin with a line in braces:

``{table: name}``
    A table: its caption, and after ``Note:`` what is said below it.
``{published: name}``
    Numbers beside published ones, with caption and note as of a table.
``{figure: name}``
    A figure: its caption, and after ``Alt:`` what it shows, for who does not see it.
``{facts: name}``
    Names and values.
``{if: name}`` ... ``{end}``
    Left out where the word is false; ``{if not: name}`` where it is true.
``{each: keys}`` ... ``{end}``
    Once for each group of parts, of which alone it then speaks.

``{name}`` within a text is a word of the study; alone in a block it may be a list, of a
paragraph each. What has no rows is left out, with caption and note, and so is a figure
that was not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ...report import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIRECTIVE = re.compile(r"\{(table|published|figure|facts|if not|if|each): ([^}]+)\}")
WORD = re.compile(r"\{(\w+)\}")
END = "{end}"
OPENING = ("if", "if not", "each")
Words = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class Shown:
    """A table of a report.

    Attributes
    ----------
    columns : tuple of str (c,)
    rows : list of tuple (c,)
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Prose:
    """What can be put into a text.

    Attributes
    ----------
    words : mapping of str to callable
        From what was found to a word or a truth.
    shown : mapping of str to callable
        From what was found to a `Shown` table, a list of `Compared`, or facts.
    figures : mapping of str to Figure
        Those that were drawn.
    """

    words: Words
    shown: Words
    figures: Mapping[str, Figure]

    def report(self, text: str, found: Any) -> Report:
        """Make the report: the title, the lead below it, and all sections.

        Raises
        ------
        ValueError
            If something in braces is not known, or not ended.
        """
        title, lead, *blocks = _blocks(text)
        page = Report(title.removeprefix("# "), self._filled(lead, found))
        return self._write(page, blocks, found)

    def _write(self, page: Report, blocks: list[str], found: Any) -> Report:
        waiting = list(blocks)
        while waiting:
            block = waiting.pop(0)
            directive = DIRECTIVE.match(block)
            if directive and directive[1] in OPENING:
                inner, waiting = _until_end(waiting, block)
                for part in self._parts(directive[1], directive[2], found):
                    page = self._write(page, inner, part)
            elif directive:
                rest = " ".join(block[directive.end() :].split())
                page = self._put(page, directive[1], directive[2], rest, found)
            elif block.startswith("#"):
                marks, _, heading = block.partition(" ")
                page = page.heading(self._filled(heading, found), len(marks))
            else:
                for paragraph in self._paragraphs(block, found):
                    page = page.paragraph(paragraph)
        return page

    def _paragraphs(self, block: str, found: Any) -> list[str]:
        """One, or those of a word that stands alone and is a list."""
        if alone := WORD.fullmatch(block):
            value = self._known(self.words, alone[1])(found)
            return value if isinstance(value, list) else [str(value)]
        return [self._filled(" ".join(block.split()), found).strip()]

    def _parts(self, kind: str, names: str, found: Any) -> list[Any]:
        """What blocks up to the end speak of: nothing, all, or group by group."""
        if kind == "each":
            return list(found.groups(*re.split(r",\s*", names)).values())
        truth = bool(self._known(self.words, names)(found))
        return [found] if truth == (kind == "if") else []

    def _put(self, page: Report, kind: str, name: str, rest: str, found: Any) -> Report:
        mark = "Alt:" if kind == "figure" else "Note:"
        # Apart before words are put in: these may be the user's.
        texts = (text.strip() for text in rest.partition(mark))
        caption, _, note = (self._filled(text, found) for text in texts)
        if kind == "figure":
            figure = self.figures.get(name)
            return page if figure is None else page.figure(figure, caption, note)
        content = self._known(self.shown, name)(found)
        if kind == "facts":
            return page.facts(content)
        if kind == "published":
            rows = list(content)
            return page.comparison(rows, caption, note) if rows else page
        if not content.rows:
            return page
        return page.table(content.columns, content.rows, caption, note)

    def _filled(self, text: str, found: Any) -> str:
        return WORD.sub(lambda word: str(self._known(self.words, word[1])(found)), text)

    @staticmethod
    def _known(functions: Words, name: str) -> Callable[[Any], Any]:
        if name not in functions:
            raise ValueError(
                f"report: {{{name}}} is not known; expected one of "
                f"{', '.join(functions)}."
            )
        return functions[name]


def prose_of(module: str) -> str:
    """The text that lies beside a module, given by its ``__name__``."""
    folder = files(module.rpartition(".")[0])
    return folder.joinpath("report.md").read_text(encoding="utf-8")


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", text.strip()) if block]


def _until_end(blocks: list[str], opened: str) -> tuple[list[str], list[str]]:
    """Blocks before the end that belongs to what was opened, and those after it."""
    depth = 1
    for i, block in enumerate(blocks):
        directive = DIRECTIVE.match(block)
        depth += bool(directive and directive[1] in OPENING) - (block.strip() == END)
        if not depth:
            return blocks[:i], blocks[i + 1 :]
    raise ValueError(f"report: {opened} has no {END}; write it in a block of its own.")
