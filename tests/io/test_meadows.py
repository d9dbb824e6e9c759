"""Exports of Meadows, beside what rsatoolbox reads in them."""

import json

import numpy as np
import pytest

from jaxprune.io import load_target

meadows = pytest.importorskip("rsatoolbox.io.meadows")

RNG = np.random.default_rng(0)
NAMES = ["stim3.png", "stim01.png", "stim2.png", "stim20.png"]
BARE = tuple(name.partition(".")[0] for name in NAMES)
RDMS = RNG.random((2, 6))


def theirs(path):
    found = meadows.load_rdms(str(path), sort=False)
    return found.dissimilarities, tuple(found.pattern_descriptors["conds"])


def test_one_participant(tmp_path):
    savemat = pytest.importorskip("scipy.io").savemat
    path = tmp_path / "Meadows_myExp_v_v1_cuddly-bunny_3_1D.mat"
    savemat(path, {"rdmutv": RDMS[:1], "stimuli": np.array(NAMES)})
    found = load_target(path)
    square, conds = theirs(path)
    assert found.labels == BARE == conds
    np.testing.assert_array_equal(found.values[np.triu_indices(4, 1)], square[0])
    assert load_target(path, labels="none").labels is None


def test_several_participants(tmp_path):
    savemat = pytest.importorskip("scipy.io").savemat
    path = tmp_path / "Meadows_myExp_v_v1_arrangement_1D.mat"
    who = ["cuddly_bunny", "able_fly"]
    content = {f"rdmutv_{w}": r[None] for w, r in zip(who, RDMS, strict=True)}
    content |= {f"stimuli_{w}": np.array(NAMES) for w in who}
    savemat(path, content)
    found = load_target(path)
    squares, conds = theirs(path)
    assert found.labels == BARE == conds
    np.testing.assert_array_equal(found.values[:, *np.triu_indices(4, 1)], squares)
    assert found.notes[0].endswith("2 RDMs, a target each: 'cuddly_bunny', 'able_fly'")
    one = load_target(path, "rdmutv_able_fly")
    np.testing.assert_array_equal(one.values[np.triu_indices(4, 1)], RDMS[1])


def tree(rdm, names, task="arrange"):
    return {
        "task": {"task_type": "multiarrange", "name": task},
        "stimuli": [{"id": "x", "name": name} for name in names],
        "rdm": list(rdm),
    }


def test_tree_of_one_participant(tmp_path):
    path = tmp_path / "Meadows_myExp_v_v1_cuddly-bunny_tree.json"
    tasks = [{"task": {"task_type": "instructions"}}]
    tasks += [tree(rdm, NAMES, f"t{k}") for k, rdm in enumerate(RDMS)]
    path.write_text(json.dumps({"version": 1, "tasks": tasks}))
    found = load_target(path)
    squares, conds = theirs(path)
    assert found.labels == BARE == conds
    np.testing.assert_array_equal(found.values[:, *np.triu_indices(4, 1)], squares)
    assert load_target(path, "t1").values.shape == (4, 4)
    with pytest.raises(ValueError, match="no task 't2'; expected one of 't0', 't1'"):
        load_target(path, "t2")


def test_participants_with_other_stimuli(tmp_path):
    first, second = tree(RDMS[0], NAMES), tree([1, 2, 3], [*NAMES[2:], "new.png"])
    people = {"one": {"tasks": [first]}, "two": {"tasks": [second]}}
    path = tmp_path / "tree.json"
    path.write_text(json.dumps(people))
    found = load_target(path)
    assert found.labels == (*BARE, "new")
    assert found.values.shape == (2, 5, 5)
    assert "'one arrange', 'two arrange'" in found.notes[0]
    np.testing.assert_array_equal(found.values[0][np.triu_indices(4, 1)], RDMS[0])
    assert np.isnan(found.values[0, 4, :4]).all()
    assert found.values[1, 2:, 2:].tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    people["two"]["tasks"][0]["rdm"] = [1, 2]
    path.write_text(json.dumps(people))
    with pytest.raises(ValueError, match="2 dissimilarities of two arrange for 3 diff"):
        load_target(path)
