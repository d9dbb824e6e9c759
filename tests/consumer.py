# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""What a user's type checker makes of jaxprune; read by pyright, never run."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np

import jaxprune as jp

Array = np.ndarray[Any, np.dtype[Any]]


def right(features: Array, target: Array) -> None:
    result = jp.prune(features, target, metric="cosine", objective="r2")
    assert_type(result, jp.Pruning)
    assert_type(result.paths, dict[str, str])
    assert_type(result.save(Path("out")), Path)
    assert_type(jp.Pruning.load("out"), jp.Pruning)
    assert_type(jp.leave_one_out(features, target).path, str)
    order: Array = result.order
    assert_type(jp.reintroduce(features, target, order), jp.Reintroduction)
    assert_type(jp.select_path("correlation", "pearson"), str)
    assert_type(jp.Pruner(metric="cosine").fit(features, target), jp.Pruner)


def wrong(features: Array, target: Array) -> str:
    # Where pyright finds no error, the comment is one.
    jp.prune(features, target, metrik="cosine")  # pyright: ignore[reportCallIssue]
    jp.prune(features)  # pyright: ignore[reportCallIssue]
    jp.Pruner(pool=1)  # pyright: ignore[reportCallIssue]
    return jp.rdm(features)  # pyright: ignore[reportReturnType]
