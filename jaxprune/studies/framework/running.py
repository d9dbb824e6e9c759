"""Parts of a study, and how they are computed: one after the other, each kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...io.checkpoints import Checkpoints
from .found import Measured

PARTS = "parts"


@dataclass(frozen=True)
class Part:
    """One step of a study, such as a network with the stimuli of one seed.

    Attributes
    ----------
    name : str
        Of its file.
    settings : mapping
        All that its numbers depend on, ready for JSON; data as a digest.
    compute : callable
        Gives a mapping of names to arrays and to what is ready for JSON.
    about : mapping
        What it is of, by which :meth:`Found.where` finds it; not kept, so it may hold
        anything.
    title : str
        What is said before it is computed.
    """

    name: str
    settings: Mapping[str, Any]
    compute: Callable[[], Mapping[str, Any]]
    about: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a study: where it keeps parts, and how it says what it does.

    Attributes
    ----------
    folder : Path or None
        With None nothing is kept.
    progress : bool
        Whether to show progress bars.
    say : callable
        Takes a line of text.
    """

    folder: Path | None = None
    progress: bool = False
    say: Callable[[str], None] = lambda text: None

    @property
    def kept(self) -> Checkpoints:
        """Where finished parts are kept."""
        return Checkpoints(None if self.folder is None else self.folder / PARTS)

    def has(self, part: Part) -> bool:
        """Whether a part was done before."""
        return self.kept.load(part.name, **part.settings) is not None

    def waiting(self, name: str, suffix: str = "", **settings: Any) -> Path | None:
        """Where something that is not finished may wait; None where nothing is kept."""
        return self.kept.waiting(name, suffix, **settings)

    def measure(self, parts: Iterable[Part]) -> tuple[Measured, ...]:
        """Compute all parts that were not done before, once all are known."""
        waiting, measured = deque(parts), []
        n = len(waiting)
        while waiting:
            # Let go of each as soon as it is done, with all that it holds.
            part = waiting.popleft()
            done = ": done before" if self.has(part) else ""
            self.say(f"[{n - len(waiting)}/{n}] {part.title or part.name}{done}")
            content = self.kept.get(part.name, part.compute, **part.settings)
            measured.append(Measured(part.about, content))
        return tuple(measured)
