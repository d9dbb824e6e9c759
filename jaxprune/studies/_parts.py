"""Parts of studies as they were kept so far, on top of `Checkpoints`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..io.checkpoints import Checkpoints


@dataclass(frozen=True)
class Parts:
    """A folder with one file for each part."""

    folder: Path | None

    def load(
        self, name: str, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Record and arrays of a part; None if it was not made with these settings."""
        found = Checkpoints(self.folder, settings).load(name)
        if found is None:
            return None
        arrays = {k: v for k, v in found.items() if isinstance(v, np.ndarray)}
        return {k: v for k, v in found.items() if k not in arrays}, arrays

    def save(
        self,
        name: str,
        record: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        settings: Mapping[str, Any],
    ) -> None:
        """Keep a part, at once or not at all."""
        Checkpoints(self.folder, settings).save(name, {**record, **arrays})

    def file(self, name: str) -> Path | None:
        """Where something that is not finished may wait; None where nothing is kept."""
        if self.folder is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name
