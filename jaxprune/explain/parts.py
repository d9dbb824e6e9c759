"""The parts of an explanation: sections of a page, and tables beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.arrays import pair_index
from ..report import Report, Shown
from ..report.numbers import number
from .conditions import thumbnail
from .material import Material
from .pairs import pair_gains
from .profiles import profiles
from .redundancy import Kinds, kinds_of
from .responses import Response, contrast, responses
from .where import every_share, position_map

# Text of tables by name, as columns.
Tables = dict[str, dict[str, Any]]
TOP_UNITS = 4
KINDS_SHOWN = 12
LARGE = 224  # pixels of a synthesised image on the page


class LeftOut(Exception):  # noqa: N818 - not an error: the page says so
    """A part that cannot be made; the message says why."""


def where(page: Report, given: Material) -> tuple[Report, Tables]:
    """Shares of channels, layers or heads, and of positions."""
    units, mask = given.result.units, given.mask
    shares, found = every_share(units, mask), position_map(units, mask)
    if not shares and found is None:
        raise LeftOut(
            "nothing is known of the units but their numbers: features of "
            "jaxprune extract bring channels and positions, columns of units others"
        )
    tables: Tables = {}
    for one in shares:
        beyond = int(((one.share > one.high) | (one.share < one.low)).sum())
        none, half = int((one.retained == 0).sum()), int((one.share > 0.5).sum())
        page = page.paragraph(
            f"Of {number(len(one.names))} {one.column}s, {number(none)} have no "
            f"retained unit, and {number(half)} have more than half of theirs. "
            f"{number(beyond)} shares are outside the band of random sets; the largest "
            f"is {100 * one.share[0]:.1f} % ({one.column} {one.names[0]}), where "
            f"random sets reach {100 * one.high[0]:.1f} %."
        )
        tables[f"{one.column}s"] = {
            one.column: one.names,
            "units": one.units,
            "retained": one.retained,
            "share": one.share,
            "random_low": one.low,
            "random_high": one.high,
        }
    if found is not None:
        y, x = np.indices(found.units.shape).reshape(2, -1)
        share = found.retained / np.maximum(found.units, 1)
        tables["positions"] = {
            "y": y,
            "x": x,
            "units": found.units.ravel(),
            "retained": found.retained.ravel(),
        }
        page = page.paragraph(
            f"Of the units at a position, {100 * share.min():.1f} to "
            f"{100 * share.max():.1f} % are retained. Map and bars are above."
        )
    return page, tables


def what_they_respond_to(page: Report, given: Material) -> tuple[Report, Tables]:
    """Conditions with the strongest and weakest mean responses."""
    x = _responses(given)
    sets = {
        "retained": np.flatnonzero(given.mask),
        "dropped": np.flatnonzero(~given.mask),
    }
    top = given.ranked_units[:TOP_UNITS]
    sets |= {
        f"unit {unit}{_channel(given, unit)}, rank {k}": top[k - 1 : k]
        for k, unit in enumerate(top, 1)
    }
    found = responses(x, sets)
    difference = contrast(x, given.mask)
    if difference is not None:
        found.insert(2, difference)
    names = given.conditions.names
    rows: dict[str, list[Shown]] = {}
    for one in found:
        for end, chosen in zip(("strongest", "weakest"), one.extremes(), strict=True):
            if np.sum(one.mean == one.mean[chosen[-1]]) > len(chosen):
                continue  # zeros of a ReLU, any of which might be shown
            rows[f"{_named(one)}, {end}"] = [Shown(names[i], int(i)) for i in chosen]
    page = page.gallery(
        rows,
        "Conditions by mean response. In “retained less dropped” every unit is "
        "standardised over conditions first, so that all count alike.",
    )
    return page, {
        "responses": {"condition": names, **{one.name: one.mean for one in found}}
    }


def _channel(given: Material, unit: int) -> str:
    channels = (given.result.units or {}).get("channel")
    # Of a layer without positions, a channel is the unit itself.
    if channels is None or len(np.unique(channels)) == len(channels):
        return ""
    return f" of channel {channels[unit]}"


def _named(one: Response) -> str:
    # A single unit is named by its number already.
    return one.name if one.n_units == 1 else f"{one.name} ({number(one.n_units)} units)"


def explained_by(page: Report, given: Material) -> tuple[Report, Tables]:
    """Variance that factors explain, retained and dropped units beside random sets."""
    if not given.conditions.factors:
        raise LeftOut(given.why("factors"))
    found = profiles(_responses(given), given.mask, given.conditions.factors)
    columns = ["factor", "kind", "retained", "dropped", "random", "deviation", "z"]
    rows = [
        (p.factor, p.kind, p.retained, p.dropped, p.chance, p.chance_sd, p.z)
        for p in found
    ]
    page = page.table(
        columns,
        rows,
        "Variance of units over conditions that a factor explains, mean over units",
        note="Numbers: r² of a line. Categories: eta². Random: mean over random sets "
        "of as many units, their standard deviation, and how many of these the "
        "retained set is away; z is large also because units of a channel are alike. "
        "Units that never vary are left out.",
    )
    table = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    return page, {"profiles": table}


def which_pairs(page: Report, given: Material) -> tuple[Report, Tables]:
    """Contributions of pairs and conditions to the gain."""
    result, names = given.result, given.conditions.names
    if result.settings.controls is not None and given.controls is None:
        raise LeftOut(given.why("controls"))
    try:
        gains = pair_gains(result, given.target, controls=given.controls)
    except ValueError as error:
        raise LeftOut(str(error)) from None
    i, j = pair_index(result.n_conditions)
    total = float(gains.conditions.sum())
    rows = {}
    for title, chosen in zip(("repaired", "damaged"), gains.most(), strict=True):
        for place, pair in enumerate(chosen, 1):
            both = i[pair], j[pair]
            head = f"{title} {place}: {gains.pairs[pair]:+.5f}".replace("-", "−")
            rows[head] = [Shown(names[k], int(k)) for k in both]
    present = gains.pairs[np.isfinite(gains.pairs)]
    better = present > 0
    worse = present < 0
    top = np.sort(present)[::-1][: max(len(present) // 100, 1)].sum()
    page = page.paragraph(
        f"The gain of {total:.3f} is a sum over {number(len(present))} pairs: "
        f"{number(int(better.sum()))} add {present[better].sum():.3f}, "
        f"{number(int(worse.sum()))} take {-present[worse].sum():.3f}. The best "
        f"hundredth of the pairs adds {top:.3f}."
    )
    order = np.argsort(-gains.conditions, kind="stable")
    ends = {"conditions that gain most": order[:8], "and least": order[::-1][:8]}
    page = page.gallery(
        {
            title: [
                Shown(
                    f"{names[k]} {gains.conditions[k]:+.4f}".replace("-", "−"), int(k)
                )
                for k in chosen
            ]
            for title, chosen in ends.items()
        },
        "Half of what the pairs of each condition contribute.",
    ).gallery(
        rows,
        "The ten pairs that contribute most to the gain, and the ten that take most "
        "from it.",
        "cards",
    )
    table = {
        "first": [names[k] for k in i],
        "second": [names[k] for k in j],
        "gain": gains.pairs,
    }
    return page, {
        "pairs": table,
        "conditions": {"condition": names, "gain": gains.conditions},
    }


def redundancy(page: Report, given: Material, n_kinds: int) -> tuple[Report, Tables]:
    """Kinds of retained units."""
    units, found = kinds_among(given, n_kinds)
    names, k = given.conditions.names, len(found.sizes)
    silent = int((found.kind < 0).sum())
    if not k:
        raise LeftOut("all retained units respond alike to all conditions")
    share = float(found.sizes @ found.similarity**2 / found.sizes.sum())
    text = (
        f"{number(len(units))} retained units fall into {k} kind{'s' * (k > 1)} "
        "(average linkage of 1 − |r|). The profile of its kind explains "
        f"{100 * share:.0f} % of the variance of a unit, on average."
    )
    if silent:
        text += f" {_units(silent)} never vary, and are in none."
    if found.clustered < len(units) - silent:
        text += (
            f" The {number(found.clustered)} most important were clustered; each of "
            "the others joined the kind that it is most like."
        )
    shown = min(k, KINDS_SHOWN)
    rows = {}
    for kind in range(shown):
        strongest = np.argsort(-found.profiles[kind], kind="stable")[:8]
        title = (
            f"kind {kind + 1}: {_units(int(found.sizes[kind]))}, |r| "
            f"{found.similarity[kind]:.2f} with its profile"
        )
        rows[title] = [Shown(names[i], int(i)) for i in strongest]
    page = page.paragraph(text).gallery(
        rows,
        f"Conditions to which the {shown} largest kinds respond most.",
    )
    kinds = np.where(found.kind < 0, 0, found.kind + 1)
    return page, {"kinds": {"unit": units, "kind": kinds}}


def kinds_among(given: Material, n_kinds: int) -> tuple[np.ndarray, Kinds]:
    """Retained units, the most important first, and their kinds."""
    units = given.ranked_units
    # Kinds of one unit each would be no shorter to read than the units.
    most = min(n_kinds, max(len(units) // 4, 1))
    return units, kinds_of(_responses(given)[:, units], most)


def synthesised(page: Report, images: Mapping[str, Any]) -> Report:
    """Images that sets of units respond to most."""
    shown = [Shown(name, uri=thumbnail(image, LARGE)) for name, image in images.items()]
    return page.gallery(
        {"made by gradient ascent": shown},
        "Images for which the mean response of a set of units is largest, from noise. "
        "Look at those of random sets first: what these show is no property of the "
        "retained units.",
        "large",
    )


def _units(k: int) -> str:
    return f"{number(k)} unit{'s' * (k != 1)}"


def _responses(given: Material) -> np.ndarray:
    if given.responses is None:
        raise LeftOut(given.why("features"))
    return given.responses
