"""The folder of a training: a checkpoint an epoch, from which the next call goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxprune.base.paths import check_writable, expanded
from jaxprune.io.checkpoints import Checkpoints

from ..networks.network import Network
from ..weights.checkpoints import load, save
from .history import Epoch, as_csv, best

TRAINING, HISTORY, DRAFT = "training", "history.csv", ".epoch_"


@dataclass(frozen=True)
class RunFolder:
    """Checkpoints ``epoch_001``, ``epoch_002``, ... and their table ``history.csv``.

    Each is a network that :func:`jaxprune_ports.load` reads, with the state of the
    optimiser and the history so far.

    Attributes
    ----------
    path : Path
    identity : dict
        Everything that decides on the result, ready for JSON.
    keep_all : bool
        Keep every checkpoint, not the last and the best alone.
    """

    path: Path
    identity: dict[str, Any]
    keep_all: bool = False

    def open(self) -> tuple[Epoch, ...]:
        """Return what was done there before; the folder need not be there yet.

        Raises
        ------
        FileExistsError
            If it holds something else.
        ValueError
            If it holds another training.
        """
        checked(self.path)
        for unfinished in self.path.glob(f"{DRAFT}*"):
            shutil.rmtree(unfinished)
        done = _checkpoints(self.path)
        if not done:
            return ()
        kept = self._kept(done[-1])
        if (record := kept.load(TRAINING)) is None:
            other = kept.differing(TRAINING)
            how = f"differs in {', '.join(other)}" if other else "is damaged"
            raise ValueError(
                f"out: {self.path} holds a training that {how}; give the same to go on "
                "with it, or another folder"
            )
        return tuple(Epoch(**row) for row in record["history"])

    def epoch(self, number: int) -> Path:
        """Where the checkpoint of an epoch is."""
        return self.path / f"epoch_{number:03d}"

    def load(self, number: int, momentum: Any) -> tuple[Network, Any]:
        """Network after an epoch, and the optimiser's state; `momentum` is one like it.

        Raises
        ------
        ValueError
            If the checkpoint is damaged.
        """
        folder = self.epoch(number)
        record = self._kept(folder).load(TRAINING) or {}
        slots, structure = jax.tree.flatten(momentum)
        leaves = [jax.numpy.array(record[f"momentum_{i}"]) for i in range(len(slots))]
        return load(folder), jax.tree.unflatten(structure, leaves)

    def save(self, net: Network, momentum: Any, history: Sequence[Epoch]) -> None:
        """Add the checkpoint of the last epoch, in one step; remove superseded ones."""
        last = history[-1].epoch
        draft = self.path / f"{DRAFT}{last:03d}"
        save(net, draft)
        slots = enumerate(jax.tree.leaves(momentum))
        record = {"history": [asdict(row) for row in history]}
        record |= {f"momentum_{i}": np.asarray(leaf) for i, leaf in slots}
        self._kept(draft).save(TRAINING, record)
        table = self.path / f".{HISTORY}"
        table.write_text(as_csv(history), "utf-8")
        os.replace(table, self.path / HISTORY)
        os.replace(draft, self.epoch(last))
        if not self.keep_all:
            for folder in _checkpoints(self.path):
                if folder not in (self.epoch(last), self.epoch(best(history) or last)):
                    shutil.rmtree(folder)

    def _kept(self, folder: Path) -> Checkpoints:
        """What an epoch keeps beside the network."""
        return Checkpoints(folder, self.identity)


def checked(path: str | PathLike[str]) -> Path:
    """Path of a folder that a training can be kept in, as far as is known.

    Raises
    ------
    FileExistsError
        If it is a file, or holds something else.
    OSError
        If it cannot be made or written.
    """
    folder = expanded(path)
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"out: {folder} is a file; expected a folder")
    check_writable(folder)
    inside = [*folder.iterdir()] if folder.is_dir() else []
    others = [one for one in inside if not one.name.startswith(DRAFT)]
    if others and not _checkpoints(folder):
        raise FileExistsError(
            f"out: {folder} is not empty, and holds no training; choose another folder"
        )
    return folder


def _checkpoints(path: Path) -> list[Path]:
    """Epochs that are there, the last one last."""
    found = [file.parent for file in path.glob(f"epoch_*/{TRAINING}-*.npz")]
    return sorted(found, key=lambda path: int(path.name.removeprefix("epoch_")))
