"""The folder results go to: whether it can be written, and whose files it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..base.paths import absent, check_writable, expanded, unmake

FILES = (
    "units.csv",
    "groups.csv",
    "curve.csv",
    "conditions.csv",
    "result.npz",
    "summary.json",
    "figure.png",
    "report.html",
)


@contextmanager
def results_folder(
    directory: str | Path, names: Sequence[str] = FILES
) -> Iterator[tuple[Path, bool]]:
    """Make sure that results can be saved before they are computed.

    Parameters
    ----------
    directory : str or Path
        Made if it does not exist; what was made for it is removed again, if it is
        still empty when the block fails.
    names : sequence of str
        Files that will be written there.

    Yields
    ------
    folder : Path
    replaces : bool
        Whether it holds an earlier result, which saving will replace.

    Raises
    ------
    FileExistsError
        If one of `names` is there and no ``summary.json`` of ours is: nobody's own
        ``figure.png`` is overwritten.
    OSError
        If the folder cannot be made or written.
    ValueError
        If the name is empty.
    """
    folder = expanded(directory)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; expected the name of a folder.")
    check_writable(folder)
    present = [name for name in names if (folder / name).exists()]
    ours = _holds_result(folder)
    if present and not ours:
        raise FileExistsError(
            f"{folder} holds {', '.join(present)} but no summary.json of jaxprune, so "
            "they may be somebody's own, or left by an interrupted run. Remove them, "
            "or choose another folder."
        )
    made = absent(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder, bool(present)
    except BaseException:
        unmake(made)
        raise


def _holds_result(folder: Path) -> bool:
    try:
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    versions = summary.get("versions") if isinstance(summary, dict) else None
    return isinstance(versions, dict) and "jaxprune" in versions
