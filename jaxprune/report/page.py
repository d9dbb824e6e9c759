"""The page around the sections of a report."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .explorer import Explorer, asset, script, script_policy
from .sections import Heading, Section

# With fewer sections than this, a table of contents only repeats the page.
WORTH_CONTENTS = 3
# What a browser may load: nothing but what is in the file.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return a complete HTML document; with a script only if there is an explorer."""
    style, policy, end = asset("style.css"), POLICY, []
    if any(isinstance(section, Explorer) for section in sections):
        style += asset("explorer.css")
        policy, end = POLICY + script_policy(), [script()]
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        "<header>",
        f"<h1>{escape(title)}</h1>",
        *([f'<p class="lead">{escape(lead)}</p>'] if lead else []),
        "</header>",
        *_contents(sections),
        "<main>",
        *(section.html() for section in sections),
        "</main>",
        *end,
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _contents(sections: Sequence[Section]) -> list[str]:
    named = [s for s in sections if isinstance(s, Heading) and s.level == 2]
    if len(named) < WORTH_CONTENTS:
        return []
    links = (
        f'<li><a href="#{heading.anchor}">{escape(heading.text)}</a></li>'
        for heading in named
    )
    return ['<nav aria-label="Contents">', "<ol>", *links, "</ol>", "</nav>"]
