"""The network of 108 units: untrained, or trained on CIFAR-10."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .._cifar import TRAIN, read
from .options import Options

NETWORK, LAYER = "student108", "avgpool"
UNTRAINED, TRAINED = "untrained", "trained"


def cifar(path: str | Path) -> dict[str, np.ndarray]:
    """Images and labels of a file, or of a folder.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it does not hold what is needed.
    """
    file = Path(path).expanduser()
    arrays = read(file)
    missing = [key for key in TRAIN if key not in arrays]
    if missing:
        raise ValueError(
            f"cifar: {file} holds {', '.join(arrays)}; expected x_train, "
            "uint8 (n, 32, 32, 3), and y_train (n,)."
        )
    return arrays


def trained(
    data: dict[str, np.ndarray],
    options: Options,
    seed: int,
    folder: Path | None,
    *,
    progress: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """Train the network as the tutorial does that the student followed.

    Returns
    -------
    net : Network
    record : dict
        ``train_accuracy`` of the last epoch and ``test_accuracy``, None without test
        images.
    """
    import jaxprune_ports as jpp
    from jaxprune_ports.training import CIFAR, accuracy, train

    recipe = replace(CIFAR, epochs=options.epochs)
    found = train(
        jpp.create(NETWORK, seed),
        data["x_train"],
        data["y_train"],
        recipe=recipe,
        out=folder,
        seed=seed,
        progress=progress,
    )
    test = None
    if "x_test" in data:
        test = accuracy(found.net, data["x_test"], data["y_test"], recipe)
    record = {"train_accuracy": found.history[-1].accuracy, "test_accuracy": test}
    return found.net, record
