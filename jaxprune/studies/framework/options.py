"""Options of a study: one line for each, from which checks and command line come."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Self

from ...base import checks


def option(
    default: Any,
    help: str = "",
    *,
    least: int | None = None,
    filled: bool = False,
    choices: tuple[str, ...] = (),
    flag: str = "",
    metavar: str = "",
    read: Callable[[Any], Any] | None = None,
    repeated: bool = False,
) -> Any:
    """One field of `Options`.

    Parameters
    ----------
    default
        Of the small version. A tuple holds several values.
    help : str
        What the command line says of it; an option without is not offered there.
    least : int, optional
        Smallest number allowed, of every value.
    filled : bool
        Whether there has to be a value.
    choices : tuple of str
        What the values may be, each once.
    flag : str
        Name on the command line, if not that of the field. Fields may share it.
    metavar : str
        Of the value on the command line: N, a whole number, where the default is one.
    read : callable, optional
        From what was given there, a number or text or a list of texts, to the value.
    repeated : bool
        Whether the option may be given several times there, a text each.
    """
    known = {
        "help": help,
        "least": least,
        "filled": filled,
        "choices": choices,
        "flag": flag,
        "metavar": metavar or ("N" if isinstance(default, int) else "PATH"),
        "read": read,
        "repeated": repeated,
    }
    return field(default=default, metadata=known)


def seeds(*default: int, filled: bool = True) -> Any:
    """Seeds, of which the command line takes the number."""
    return option(
        default,
        "number of seeds: 0, 1, ..., N - 1",
        least=0,
        filled=filled,
        metavar="N",
        read=lambda number: tuple(range(number)),
    )


def trained() -> Any:
    """Folders of trained networks."""
    return option(
        (),
        "a trained network: folder of `jaxprune convert` or `jaxprune train`",
        repeated=True,
    )


def listed(text: str) -> tuple[str, ...]:
    """Names between commas; "none" for none.

    >>> listed("cornet_z, cornet_s"), listed("none")
    (('cornet_z', 'cornet_s'), ())
    """
    return () if text == "none" else named(text)


def named(text: str) -> tuple[str, ...]:
    """Names between commas, "none" among them.

    >>> named("none, imagenet")
    ('none', 'imagenet')
    """
    return tuple(name.strip() for name in text.split(","))


@dataclass(frozen=True)
class Options:
    """Settings of a study; its fields are made by `option`.

    Raises
    ------
    ValueError
        A value out of range.
    """

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(one.default, tuple):
                value = tuple(value)
                object.__setattr__(self, one.name, value)
            _check(one.name, value, one.metadata)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name."""
        return asdict(self)

    @classmethod
    def offered(cls) -> dict[str, list[Field[Any]]]:
        """Fields that the command line has, by the name of the option there."""
        found: dict[str, list[Field[Any]]] = {}
        for one in fields(cls):
            if one.metadata.get("help"):
                flag = one.metadata["flag"] or f"--{one.name.replace('_', '-')}"
                found.setdefault(flag, []).append(one)
        return found

    @classmethod
    def add_to(cls, parser: Any, small: Self, full: Self) -> None:
        """Add the options to a parser or group; help says what both versions have."""
        for flag, (one, *others) in cls.offered().items():
            metavar, repeated = one.metadata["metavar"], one.metadata["repeated"]
            # The defaults of several fields are not one number.
            defaults = "" if others else _defaults(one, small, full)
            parser.add_argument(
                flag,
                dest=one.name,
                metavar=metavar,
                type=int if metavar == "N" else str,
                action="append" if repeated else "store",
                help=one.metadata["help"] + defaults,
            )

    @classmethod
    def given(cls, args: argparse.Namespace) -> dict[str, Any]:
        """Values that the command line has, by field."""
        found = {}
        for first, *others in cls.offered().values():
            value = getattr(args, first.name)
            if value is not None:
                read = first.metadata["read"] or (lambda value: value)
                for one in (first, *others):
                    found[one.name] = read(value)
        return found


def _defaults(one: Field[Any], small: Any, full: Any) -> str:
    """Numbers that both versions have, for the help of an option."""
    if one.metadata["metavar"] != "N":
        return "; may be given several times" * one.metadata["repeated"]
    few, many = (
        len(value) if isinstance(value, tuple) else value
        for value in (getattr(small, one.name), getattr(full, one.name))
    )
    return f" (default {few:,}{'' if few == many else f', with --full {many:,}'})"


def _check(name: str, value: Any, known: Mapping[str, Any]) -> None:
    values = value if isinstance(value, tuple) else (value,)
    if known.get("filled") and not values:
        raise ValueError(f"{name}={value!r}: expected at least one.")
    least, choices = known.get("least"), known.get("choices")
    if least is not None:
        for one in values:
            checks.whole(name, one, least)
    if choices and (set(values) - set(choices) or len(set(values)) < len(values)):
        raise ValueError(
            f"{name}={value!r}: expected some of {', '.join(choices)}, each once."
        )
