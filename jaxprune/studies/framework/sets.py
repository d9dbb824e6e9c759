"""Sets of images that a user names on the command line, each with a target."""

from __future__ import annotations

from collections.abc import Iterable


def parsed_set(text: str, what: str, example: str) -> tuple[str, str, str]:
    """Read ``NAME=WHAT,TARGET``: a name and two files.

    Raises
    ------
    ValueError
        If it does not look like that.

    Examples
    --------
    >>> parsed_set("animals=vgg.npy,people.npy", "FEATURES", "")
    ('animals', 'vgg.npy', 'people.npy')
    """
    name, _, files = text.partition("=")
    shown, _, target = files.partition(",")
    if not (name and shown and target) or "," in target:
        raise ValueError(
            f"sets: {text!r}; expected NAME={what},TARGET, {example} for example."
        )
    return name, shown, target


def check_names(names: Iterable[str]) -> None:
    """Refuse two sets of one name."""
    listed = list(names)
    if len(set(listed)) < len(listed):
        raise ValueError(
            f"sets are named {', '.join(listed)}; expected a name of its own for each."
        )
