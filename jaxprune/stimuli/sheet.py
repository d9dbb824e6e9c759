"""One picture with an example of every condition, to look at."""

from __future__ import annotations

import numpy as np

from .stimulus_set import StimulusSet

PAPER, INK = 255, 40
MARGIN, LINE, FONT_SIZE = 8, 16, 11


def contact_sheet(
    stimuli: StimulusSet,
    per_row: int | None = None,
    *,
    instance: int = 0,
    tile: int = 120,
) -> np.ndarray:
    """Draw an image of every condition in a grid, each above its label.

    Parameters
    ----------
    stimuli : StimulusSet
    per_row : int, optional
        Images in a row; by default a row holds the conditions that share a level of the
        slowest factor, or 10 if that would make a column.
    instance : int
        Which image of every condition.
    tile : int
        Width of an image on the sheet, in pixels.

    Returns
    -------
    ndarray of uint8 (height, width)

    Raises
    ------
    ValueError
        If ``per_row`` or ``tile`` is not positive, or there is no such instance.

    Examples
    --------
    >>> from jaxprune.stimuli import one_to_ten
    >>> contact_sheet(one_to_ten(n_instances=1), per_row=5, tile=64).shape
    (184, 368)
    """
    # Imported late: who makes stimuli without looking at them needs no Pillow.
    from PIL import Image, ImageDraw, ImageFont

    columns = _per_row(stimuli) if per_row is None else per_row
    n_instances = len(stimuli.images) // len(stimuli.labels)
    if columns < 1 or tile < 1:
        raise ValueError(
            "per_row and tile: expected positive numbers, got "
            f"per_row={columns}, tile={tile}"
        )
    if not 0 <= instance < n_instances:
        raise ValueError(f"instance: expected 0 to {n_instances - 1}, got {instance}")
    rows = -(-len(stimuli.labels) // columns)
    across, down = tile + MARGIN, tile + LINE + MARGIN
    sheet = Image.new("L", (columns * across + MARGIN, rows * down + MARGIN), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for condition, label in enumerate(stimuli.labels):
        row, column = divmod(condition, columns)
        x, y = MARGIN + column * across, MARGIN + row * down
        shown = np.flatnonzero(stimuli.condition == condition)[instance]
        image = Image.fromarray(stimuli.images[shown])
        sheet.paste(image.resize((tile, tile), Image.Resampling.LANCZOS), (x, y))
        draw.text((x, y + tile + 1), label, fill=INK, font=font)
    return np.asarray(sheet)


def _per_row(stimuli: StimulusSet) -> int:
    """Conditions up to the first change of the factor that changes least often."""
    changes = [
        np.flatnonzero(levels[1:] != levels[:-1]) + 1
        for levels in stimuli.factors.values()
    ]
    slowest = min((c for c in changes if c.size), key=len, default=np.array([10]))
    return int(slowest[0]) if slowest[0] > 1 else 10
