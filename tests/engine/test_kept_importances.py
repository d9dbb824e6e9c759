"""Importances that are kept in a folder, for prunings that are interrupted."""

from contextlib import contextmanager

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.engine.importances import NAME
from jaxprune.io.checkpoints import discard


@pytest.fixture
def interrupted(monkeypatch):
    """Context in which a function is interrupted."""

    @contextmanager
    def make(where):
        def stop(*_, **__):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(where, stop)
            yield

    return make


@pytest.mark.parametrize("pool", ["each", "mean"])
def test_a_second_run_goes_on(tmp_path, features, targets, interrupted, pool):
    call = {"features": features("fragile"), "target": targets(3), "pool": pool}
    once = jp.prune(**call)
    with interrupted("jaxprune.pruning.curves"), pytest.raises(KeyboardInterrupt):
        jp.prune(**call, checkpoint=tmp_path / "parts")
    with interrupted("jaxprune.engine.importances.importances"):
        again = jp.prune(**call, checkpoint=tmp_path / "parts")
    np.testing.assert_array_equal(again.importance, once.importance)
    np.testing.assert_array_equal(again.full_score, once.full_score)
    np.testing.assert_array_equal(again.curve, once.curve)


def test_what_is_kept_can_be_removed(tmp_path, features, targets):
    folder = tmp_path / "parts"
    jp.prune(features(), targets(), checkpoint=folder)
    assert len(list(folder.iterdir())) == 1
    discard(folder, NAME)
    assert not folder.exists()
    folder.mkdir()
    (folder / "of_the_user").touch()
    discard(folder, NAME)
    assert (folder / "of_the_user").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda x, t: {"features": x + np.eye(len(x), x.shape[1])},
        lambda x, t: {"target": t**2},
        lambda x, t: {"metric": "cosine"},
        lambda x, t: {"compare": "cosine"},
        lambda x, t: {"objective": "r2"},
        lambda x, t: {"precision": "float32"},
        lambda x, t: {"method": "downdate"},
        lambda x, t: {"target_kind": "similarity"},
    ],
)
def test_other_data_and_options_are_computed(
    tmp_path, features, targets, interrupted, change
):
    call = {"features": features(), "target": targets()}
    jp.prune(**call, checkpoint=tmp_path)
    with (
        interrupted("jaxprune.engine.importances.importances"),
        pytest.raises(KeyboardInterrupt),
    ):
        jp.prune(**{**call, **change(*call.values())}, checkpoint=tmp_path)
