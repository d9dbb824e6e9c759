"""Every link from a page to another, or to a place in it, has to lead there.

Sphinx checks those that it makes itself; drawings and pages of HTML have others.
"""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util.logging import getLogger


class _Page(HTMLParser):
    """Links of a page, and the places in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links, self.places = set(), {""}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Collect."""
        given = dict(attrs)
        self.places.add(given.get("id") or given.get("name") or "")
        for name in ("href", "src"):
            if given.get(name):
                self.links.add(given[name])


def broken(folder: Path) -> list[tuple[str, str]]:
    """Pages and the links in them that lead nowhere."""
    pages = {}
    for path in set(folder.rglob("*.html")) - set(folder.glob("_static/**/*.html")):
        pages[path] = _Page()
        pages[path].feed(path.read_text("utf-8"))
    found = []
    for path, page in pages.items():
        for link in page.links:
            split = urlsplit(link)
            if split.scheme or split.netloc:
                continue
            to = (path.parent / unquote(split.path)).resolve() if split.path else path
            there = to in pages and unquote(split.fragment) in pages[to].places
            if not there and not (to.exists() and to not in pages):
                found.append((str(path.relative_to(folder)), link))
    return sorted(found)


def _check(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        for page, link in broken(Path(app.outdir)):
            getLogger(__name__).warning("%s: no such link: %s", page, link)


def setup(app: Sphinx) -> dict:
    """Check when all is written."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True}
