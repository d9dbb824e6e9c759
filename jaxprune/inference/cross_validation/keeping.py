"""Folds in a folder: an interrupted cross-validation goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from ...io.checkpoints import Parts, digest
from .folds import Fold

# Options that change no number.
RUN_ONLY = ("batch_size", "devices", "memory", "progress")


@dataclass(frozen=True)
class KeptFolds:
    """What is known of the folds of certain data, with certain options."""

    parts: Parts
    settings: Mapping[str, Any]

    @staticmethod
    def of(
        folder: str | Path | None,
        features: Any,
        targets: np.ndarray,
        options: Mapping[str, Any],
    ) -> KeptFolds:
        """In a folder, or nowhere."""
        if folder is None:
            return KeptFolds(Parts(None), {})
        numbers = {
            name: value
            for name, value in options.items()
            if name not in RUN_ONLY and value is not None
        }
        settings = {
            "features": digest(features),
            "targets": digest(targets),
            **{
                name: value if isinstance(value, str) else digest(value)
                for name, value in numbers.items()
            },
        }
        return KeptFolds(Parts(Path(folder).expanduser()), settings)

    def load(self, fold: Fold) -> tuple[np.ndarray, np.ndarray] | None:
        """Scores and retained units, if they are known."""
        found = self.parts.load(self._name(fold), self._settings(fold))
        return None if found is None else (found[1]["scores"], found[1]["retained"])

    def save(self, fold: Fold, scores: np.ndarray, retained: np.ndarray) -> None:
        """Keep what was found."""
        arrays = {"scores": scores, "retained": retained}
        self.parts.save(self._name(fold), {}, arrays, self._settings(fold))

    def _settings(self, fold: Fold) -> dict[str, Any]:
        without = {
            "left_out": list(fold.left_out),
            "held_out": fold.held_out.tolist(),
        }
        return {**self.settings, **without}

    def _name(self, fold: Fold) -> str:
        """Of its own for everything that the fold depends on: layers share a folder."""
        text = json.dumps(self._settings(fold), sort_keys=True)
        return f"fold-{sha256(text.encode()).hexdigest()[:16]}"
