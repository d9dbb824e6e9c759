"""The progress bar of what takes long: of a notebook there, else of a terminal."""

from __future__ import annotations

import warnings
from typing import Any


def progress_bar(**options: Any) -> Any:
    """Return a bar of tqdm, with its options.

    In a notebook without ipywidgets tqdm warns, and shows the bar of a terminal; that
    the bar could look better is no reason to warn who runs an analysis.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm
    return tqdm(**options)
