"""One study: run, save, report and summary come from one object."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.paths import expanded
from .found import Found
from .options import Options
from .presenting import Presentation
from .running import Part, Run


@dataclass(frozen=True, eq=False, kw_only=True)
class Study(Presentation):
    """A published study, named after the folder of its module.

    Attributes
    ----------
    about, example : str
        For the help of the command line.
    small, full : Options
        What runs by default, and what was published.
    parts : callable
        From options and `Run` to its parts, in order. What cannot be read should fail
        here, before anything is computed.
    """

    about: str
    example: str
    small: Any
    full: Any
    parts: Callable[[Any, Run], Iterable[Part]]

    @property
    def name(self) -> str:
        """On the command line."""
        return self.module.split(".")[-2].replace("_", "-")

    @property
    def options(self) -> type[Options]:
        """Class of its options."""
        return type(self.small)

    def run(
        self,
        options: Any = None,
        folder: str | Path | None = None,
        *,
        progress: bool = False,
        report: Callable[[str], None] | None = None,
    ) -> Found:
        """Compute all parts.

        Parameters
        ----------
        options : Options, optional
            By default those of the small version.
        folder : str or Path, optional
            Every part is kept in its folder ``parts`` when it is done, so that a run
            that was interrupted goes on when it is repeated.
        progress : bool
            Show progress bars on stderr.
        report : callable, optional
            Called with a line of text before each part.

        Returns
        -------
        Found
        """
        start = time.perf_counter()
        chosen = self.small if options is None else options
        place = None if folder is None else expanded(folder)
        run = Run(place, progress, report or (lambda text: None))
        measured = run.measure(self.parts(chosen, run))
        return Found(chosen, measured, time.perf_counter() - start)

    def as_summary(self, found: Found) -> dict[str, Any]:
        """What ``summary.json`` holds."""
        settings = {"study": self.name, "settings": found.options.as_dict()}
        return settings | super().as_summary(found)
