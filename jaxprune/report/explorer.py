"""The interactive part of a page: a curve, RDMs and bars that answer the pointer.

Plain JavaScript, inlined; what it shows is in the page as JSON. A plotting library
would be larger than the page (Plotly 7.1 has 4.8 MB, Bokeh 3.9 without its widgets 1.3
MB), names addresses of its makers, and still needs a script of one's own to link a
curve to the cells of three RDMs.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any


def asset(name: str) -> str:
    """Text of a file of this folder."""
    return files("jaxprune.report").joinpath(name).read_text(encoding="utf-8")


def script_policy() -> str:
    """What the page may run: this script, by its hash, and nothing else."""
    digest = sha256(f"\n{asset('explorer.js')}".encode()).digest()
    return f"; script-src 'sha256-{b64encode(digest).decode('ascii')}'"


def script() -> str:
    """The script, for the end of the body."""
    return f"<script>\n{asset('explorer.js')}</script>"


@dataclass(frozen=True, eq=False)
class Explorer:
    """Curve, RDMs, importances, positions and channels of a result.

    Parameters
    ----------
    data : mapping
        What `jaxprune.explain.exploring.explored` returns.
    """

    data: Mapping[str, Any]

    def with_pictures(self, conditions: Collection[int | None]) -> Explorer:
        """The same with the thumbnails of some conditions only."""
        every = self.data["pictures"].items()
        some = {k: uri for k, uri in every if int(k) in conditions}
        return Explorer({**self.data, "pictures": some})

    def html(self) -> str:
        """Return the frame that the script fills, and its data."""
        data, ranked = self.data, self.data["ranked"]
        several = " (others grey)" if data["others"] else ""
        steps = len(data["steps"])
        parts = [
            '<section class="explorer">',
            '<p class="static">This part needs JavaScript. Without it, '
            "figure.png beside this page has the curve and the RDMs.</p>",
            f"<h3>Score of the first {ranked}s of the ranking{several}</h3>",
            '<p class="note">Point at the curve to read it. Click, or move the slider, '
            f"to choose one of {steps} sizes (dots): the third RDM follows.</p>",
            _svg("curve", "Score against number of units; the slider below reads it."),
            '<p class="reading" id="pointed"></p>',
            '<p class="controls"><label>Size <input type="range" id="size" min="0" '
            'step="1"></label> <output id="chosen" for="size" aria-live="polite">'
            '</output> <button type="button" id="take-best">best</button> '
            '<button type="button" id="take-all">all</button></p>',
            f"<h3>RDMs of {data['conditions']:,} conditions</h3>",
            *self._averaged(),
            '<p class="note">Point at a cell, or move with the arrow keys, to see the '
            "two conditions and the three dissimilarities.</p>",
            '<p class="controls"><label>Order of the conditions <select id="order">'
            "</select></label></p>",
            '<div class="rdms">',
            *(
                _rdm(f"RDM, {name}", title)
                for name, title in (
                    ("target", "target"),
                    ("all units", f"all {ranked}s"),
                    ("size that was chosen", '<span id="chosen-rdm"></span>'),
                )
            ),
            "</div>",
            '<p class="scale"><span>smallest</span><span class="ramp"></span>'
            "<span>largest dissimilarity of its RDM, by rank</span></p>",
            '<p class="reading" id="cell" aria-live="polite"></p>',
            f"<h3>Importance of the {ranked}s</h3>",
            _note(_importances(data)),
            _svg("histogram", "Number of units by importance, retained and not."),
            '<p class="reading" id="histogram-said"></p>',
            *self._places(),
            "</section>",
            '<script type="application/json" id="explorer-data">',
            # Nothing in it may end the element.
            json.dumps(dict(data), allow_nan=False).replace("<", "\\u003c"),
            "</script>",
        ]
        return "\n".join(parts)

    def _averaged(self) -> list[str]:
        n, side = self.data["conditions"], self.data["side"]
        if n == side:
            return []
        order = self.data["orders"][0]["name"]
        return [
            _note(
                f"Each cell is the mean over a block of about {n / side:.1f} x "
                f"{n / side:.1f} pairs; conditions are {order}."
            )
        ]

    def _places(self) -> list[str]:
        parts = []
        if self.data["map"] is not None:
            parts += [
                "<h3>Where retained units are in the layer</h3>",
                _note("Share of the units at each position that was retained."),
                _svg("map", "Share of retained units at each position."),
                '<p class="reading" id="map-said"></p>',
            ]
        for k, found in enumerate(self.data["shares"]):
            column = found["column"]
            parts += [
                f"<h3>Share retained of each {escape(column)}</h3>",
                _note(
                    "Sorted. The band holds 95 % of random sets of as many units, "
                    "sorted likewise."
                ),
                _svg(f"shares-{k}", f"Share of retained units of each {column}."),
                f'<p class="reading" id="shares-{k}-said"></p>',
            ]
        return parts


def _svg(anchor: str, label: str) -> str:
    return f'<svg id="{anchor}" role="img" aria-label="{escape(label)}"></svg>'


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _rdm(label: str, title: str) -> str:
    return (
        f'<figure><div class="rdm" role="img" tabindex="0" aria-label="{label}; arrow '
        'keys move from cell to cell"><canvas></canvas><div class="marker" hidden>'
        f"</div></div><figcaption>{title}</figcaption></figure>"
    )


def _importances(data: Mapping[str, Any]) -> str:
    ranked, found = data["ranked"], data["histogram"]
    text = f"{data['importance']} of each {ranked}. Orange: retained, blue: not."
    if found["zero"]:
        text += f" Exactly zero: {found['zero']:,}."
    if found["undefined"]:
        text += f" Undefined, and ranked first: {found['undefined']:,}."
    return text
