"""``{study} NAME``: what a study is about, published numbers, and tables that it made.

Published numbers are those that lie beside the study. Its own tables were kept from a
run by ``docs/studies/keep.py``.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from jaxprune.cli.commands.study import study_named


def _table(rows: Sequence[Sequence[str]], caption: str = "") -> nodes.table:
    """A table, the first row of which names the columns."""
    table = nodes.table()
    if caption:
        table += nodes.title("", caption)
    group = nodes.tgroup(cols=len(rows[0]))
    table += group
    group += [nodes.colspec(colwidth=1) for _ in rows[0]]
    for part, some in ((nodes.thead(), rows[:1]), (nodes.tbody(), rows[1:])):
        group += part
        for row in some:
            part += nodes.row("", *(_cell(text) for text in row))
    return table


def _cell(text: str) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", text))


def _paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", text)


def _published(name: str) -> list[list[str]]:
    """Rows of ``published.csv``, without columns that are empty or the same."""
    rows = study_named(name).published.rows
    columns = [c for c in rows[0] if c != "source" and any(row[c] for row in rows)]
    return [columns, *([row[c] for c in columns] for row in rows)]


def _sources(name: str) -> list[str]:
    return sorted({row["source"] for row in study_named(name).published.rows})


class StudyDirective(SphinxDirective):
    """``{study} NAME``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Put the parts of the page together."""
        name = self.arguments[0]
        about = re.sub(r"(--[a-z-]+)", r"`\1`", study_named(name).about)
        found = self.parse_text_to_nodes(about)
        found.append(self._options())
        kept = Path(self.env.srcdir, "studies", f"{name}.json")
        self.env.note_dependency(str(kept))
        if kept.exists():
            found.append(
                self._section("Ours", self._ours(json.loads(kept.read_text())))
            )
        rows = _published(name)
        if len(rows) > 1:
            parts = [_table(rows), *map(_paragraph, _sources(name))]
            found.append(self._section("Published", parts))
        return found

    def _ours(self, kept: dict) -> Iterable[nodes.Node]:
        yield nodes.literal_block(kept["command"], kept["command"], language="bash")
        versions = ", ".join(f"{k} {v}" for k, v in kept["versions"].items())
        yield _paragraph(f"It took {kept['seconds']:,} s, with {versions}.")
        yield _paragraph(kept["lead"])
        for table in kept["tables"]:
            yield _table(table["rows"], table["caption"])
            if table["note"]:
                yield _paragraph(table["note"])

    def _section(self, title: str, content: Iterable[nodes.Node]) -> nodes.section:
        anchor = nodes.make_id(f"{self.arguments[0]}-{title}")
        return nodes.section("", nodes.title("", title), *content, ids=[anchor])

    def _options(self) -> nodes.paragraph:
        """Where its options are described."""
        page = f"/commands/generated/study-{self.arguments[0]}"
        about = {"refdomain": "std", "reftype": "doc", "refdoc": self.env.docname}
        link = pending_xref(
            "", nodes.inline(), reftarget=page, refexplicit=False, refwarn=True, **about
        )
        return nodes.paragraph("", "", nodes.Text("All options: "), link)


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_directive("study", StudyDirective)
    return {"parallel_read_safe": True}
