"""The floors of the package as a drawing, from the contracts in ``pyproject.toml``."""

import tomllib
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

WIDTH, FLOOR, PORTS = 800, 44, 150
STYLE = """<style>
.house rect { fill: var(--pst-color-surface); stroke: var(--pst-color-primary); }
.house text { fill: var(--pst-color-text-base); font-size: 13px; }
.house .floor { fill: var(--pst-color-text-muted); }
</style>"""


def _rooms(pyproject: str) -> tuple[list[list[str]], list[str]]:
    """Rooms on each floor of the engine, and wings of the networks, from the top."""
    config = tomllib.loads(Path(pyproject).read_text("utf-8"))["tool"]["importlinter"]
    layers = [c["layers"] for c in config["contracts"] if c["type"] == "layers"]
    floors, wings = layers
    return [[room.strip() for room in floor.split("|")] for floor in floors], wings


def drawing(pyproject: str) -> str:
    """The house, and the networks beside it."""
    floors, wings = _rooms(pyproject)
    height = FLOOR * len(floors) + 30
    parts, left = [], 34
    for k, rooms in enumerate(floors):
        y, room = 20 + k * FLOOR, (WIDTH - left) / len(rooms)
        floor = len(floors) - 1 - k
        parts.append(f'<text class="floor" x="8" y="{y + 26}">{floor}</text>')
        parts += [_box(left + i * room, y, room - 6, r) for i, r in enumerate(rooms)]
    x, tall = WIDTH + 30, (FLOOR * len(floors) - 2 * FLOOR) / len(wings)
    parts.append(f'<text x="{x}" y="{FLOOR}">jaxprune_ports</text>')
    for k, wing in enumerate(wings):
        y = 20 + FLOOR + k * tall
        parts.append(_box(x, y, PORTS, wing, tall - 8))
    size = f"0 0 {x + PORTS + 10} {height}"
    return (
        f'<div class="flowchart house">{STYLE}<svg viewBox="{size}" role="img" '
        'aria-label="Floors of the package; imports only go down">'
        f"{''.join(parts)}</svg></div>"
    )


def _box(x: float, y: float, width: float, name: str, height: float = FLOOR - 8) -> str:
    middle = f'x="{x + width / 2:g}" y="{y + height / 2 + 5:g}" text-anchor="middle"'
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>'
        f"<text {middle}>{escape(name)}</text>"
    )


class House(SphinxDirective):
    """``{house}`` draws it."""

    def run(self) -> list[nodes.Node]:
        """Draw, and draw again when the contracts change."""
        source = str(Path(self.env.srcdir).parent / "pyproject.toml")
        self.env.note_dependency(source)
        return [nodes.raw("", drawing(source), format="html")]


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_directive("house", House)
    return {"parallel_read_safe": True}
