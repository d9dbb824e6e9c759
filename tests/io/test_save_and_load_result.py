import csv
import dataclasses
import json

import numpy as np
import pytest

from jaxprune.io import unit_positions
from jaxprune.results import Pruning, Settings, load_pruning, save_pruning
from jaxprune.results.saving import _write
from jaxprune.results.summary import scores
from jaxprune.results.tables import layers_table

FILES = {"units.csv", "curve.csv", "conditions.csv", "result.npz", "summary.json"}


def make(n=5, n_units=8, k=None, seed=0):
    rng = np.random.default_rng(seed)
    shape = (n_units,) if k is None else (k, n_units)
    importance = rng.normal(size=shape) * 10.0 ** rng.integers(-9, -2, shape)
    importance[..., 2] = np.nan
    order = np.argsort(
        -np.where(np.isnan(importance), np.inf, importance), kind="stable"
    )
    curve = rng.random(shape)
    curve[..., 0] = np.nan
    best = np.nanargmax(curve, axis=-1) + 1
    pairs = n * (n - 1) // 2
    target = rng.random((*shape[:-1], pairs))
    target[..., 3] = np.nan
    if k is None:
        size, score = int(best), float(curve[best - 1])
        full, retained = 0.25, np.sort(order[:size])
    else:
        size, score, full = best, np.nanmax(curve, -1), rng.random(k)
        retained = [np.sort(o[:s]) for o, s in zip(order, best, strict=True)]
    return Pruning(
        full_score=full,
        importance=importance,
        order=order,
        curve=curve,
        sizes=np.arange(1, curve.shape[-1] + 1),
        best_size=size,
        best_score=score,
        retained=retained,
        target_rdm=target,
        full_rdm=rng.random(pairs),
        pruned_rdm=rng.random((*shape[:-1], pairs)),
        paths={"importance": "closed_form", "reintroduction": "prefix"},
        dtype="float64",
        device="cpu",
        settings=Settings(metric="cosine", compare="spearman"),
    )


def assert_equal(a, b):
    for field in dataclasses.fields(Pruning):
        x, y = getattr(a, field.name), getattr(b, field.name)
        assert type(x) is type(y), field.name
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype
            np.testing.assert_array_equal(x, y)
        elif isinstance(x, list):
            for p, q in zip(x, y, strict=True):
                np.testing.assert_array_equal(p, q)
        elif x == x:  # NaN is not
            assert x == y, field.name
        else:
            assert y != y, field.name


def rows(file):
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("k", [None, 1, 3])
def test_load_gives_back_an_equal_result(tmp_path, k):
    result = make(k=k)
    assert save_pruning(result, tmp_path / "a" / "b", figure=False) == tmp_path / "a/b"
    assert_equal(load_pruning(tmp_path / "a" / "b"), result)
    assert {file.name for file in (tmp_path / "a" / "b").iterdir()} == FILES
    with np.load(tmp_path / "a" / "b" / "result.npz", allow_pickle=False) as arrays:
        assert all(not arrays[name].dtype.hasobject for name in arrays.files)


def test_undefined_scores_and_methods_of_the_result(tmp_path):
    result = dataclasses.replace(
        make(), full_score=np.nan, conditions=tuple("abcd") + ('é, "x"',)
    )
    result.save(tmp_path / "r", figure=False)
    assert_equal(Pruning.load(tmp_path / "r"), result)
    assert rows(tmp_path / "r" / "conditions.csv")[4] == {
        "index": "4",
        "label": 'é, "x"',
    }
    assert json.loads((tmp_path / "r/summary.json").read_text())["full_score"] is None


@pytest.mark.parametrize("k", [None, 2])
def test_groups(tmp_path, k):
    group_of = np.array([0, 1, -1, 2, 2, 3, 4, 5, 6, 7, 7])
    plain = make(k=k)
    sets = [plain.retained] if k is None else plain.retained
    units = [np.flatnonzero(np.isin(group_of, [-1, *groups])) for groups in sets]
    result = dataclasses.replace(
        plain,
        retained=units[0] if k is None else units,
        groups=np.array(list("abcdefgh")),
        group_of=group_of,
    )
    result.save(tmp_path, figure=k is None)
    loaded = Pruning.load(tmp_path)
    assert_equal(loaded, result)
    assert (loaded.n_units, loaded.n_ranked) == (11, 8)
    retained = loaded.retained_groups
    for found, expected in zip(
        [retained] if k is None else retained, sets, strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    groups, listed = rows(tmp_path / "groups.csv"), rows(tmp_path / "units.csv")
    assert [row["units"] for row in groups] == list("11211112")
    assert [row["group"] for row in listed] == [*"ab", "", *"ccdefghh"]
    end = "" if k is None else "_1"
    kept = [row[f"retained{end}"] for row in listed]
    assert np.flatnonzero(np.array(kept) == "1").tolist() == units[-1].tolist()
    kept = [row[f"retained{end}"] for row in groups]
    assert np.flatnonzero(np.array(kept) == "1").tolist() == sets[-1].tolist()
    assert scores(loaded)["n_groups"] == 8
    plain.save(tmp_path, figure=False)
    assert not (tmp_path / "groups.csv").exists()


def test_figure(tmp_path):
    save_pruning(make(), tmp_path)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    save_pruning(make(), tmp_path, figure=False)
    assert not (tmp_path / "figure.png").exists()


def test_tables(tmp_path):
    result = make()
    save_pruning(result, tmp_path, units=[f"u,{i}" for i in range(8)], figure=False)
    units = rows(tmp_path / "units.csv")
    assert list(units[0]) == ["unit", "name", "importance", "rank", "retained"]
    assert [row["name"] for row in units] == [f"u,{i}" for i in range(8)]
    read = np.array([float(row["importance"]) for row in units])
    np.testing.assert_array_equal(read, result.importance)
    best_first = sorted(range(8), key=lambda i: int(units[i]["rank"]))
    assert best_first == result.order.tolist()
    assert min(int(row["rank"]) for row in units) == 1
    kept = [int(row["unit"]) for row in units if row["retained"] == "1"]
    assert kept == result.retained.tolist()
    curve = rows(tmp_path / "curve.csv")
    assert [int(row["size"]) for row in curve] == list(range(1, 9))
    scores = [float(row["score"]) for row in curve]
    np.testing.assert_array_equal(scores, result.curve)
    assert rows(tmp_path / "conditions.csv")[0] == {"index": "0", "label": ""}


def test_columns_of_units(tmp_path):
    result = make()
    columns = {**unit_positions((2, 2, 2)), "area, part": ["V1", 'a "b"'] * 4}
    save_pruning(result, tmp_path, units=columns, figure=False)
    units = rows(tmp_path / "units.csv")
    assert list(units[0])[:5] == ["unit", "channel", "y", "x", "area, part"]
    assert [row["channel"] for row in units] == list("00001111")
    assert [row["y"] + row["x"] for row in units] == ["00", "01", "10", "11"] * 2
    assert units[1]["area, part"] == 'a "b"'
    loaded = load_pruning(tmp_path)
    assert_equal(dataclasses.replace(loaded, units=None), result)
    assert {k: v.tolist() for k, v in loaded.units.items()} == {
        k: list(v) for k, v in columns.items()
    }
    for taken in ("unit", "rank"):
        with pytest.raises(ValueError, match=f"columns called .'{taken}'.*Rename"):
            save_pruning(result, tmp_path, units={taken: range(8)}, figure=False)


def test_positions_of_flat_layers():
    positions = unit_positions((3,))
    assert {name: column.tolist() for name, column in positions.items()} == {
        "channel": [0, 1, 2],
        "y": [0, 0, 0],
        "x": [0, 0, 0],
    }


def test_table_of_layers():
    one = scores(make())
    assert layers_table({"V,1": one}, "area", {"published": [0.5]}).splitlines() == [
        "area,units,full_score,best_score,units_kept,published",
        f'"V,1",8,0.25,{one["best_score"]!r},{one["best_size"]},0.5',
    ]
    several = scores(make(k=2))
    lines = layers_table({"V1": several, "V2": several}).splitlines()
    assert lines[0].startswith("layer,units,target,full_score")
    assert [line[:6] for line in lines[1:]] == ["V1,8,0", "V1,8,1", "V2,8,0", "V2,8,1"]


def test_tables_of_several_targets(tmp_path):
    result = make(k=2)
    save_pruning(result, tmp_path, labels=list("abcde"), figure=False)
    units = rows(tmp_path / "units.csv")
    assert list(units[0])[1:4] == ["importance_0", "rank_0", "retained_0"]
    kept = [int(row["unit"]) for row in units if row["retained_1"] == "1"]
    assert kept == result.retained[1].tolist()
    scores = [float(row["score_1"]) for row in rows(tmp_path / "curve.csv")]
    np.testing.assert_array_equal(scores, result.curve[1])
    assert load_pruning(tmp_path).conditions == tuple("abcde")


def test_summary(tmp_path):
    save_pruning(
        make(k=2),
        tmp_path,
        versions={"rsatoolbox": "0.3.2"},
        inputs={"features": tmp_path / "x.npy", "shape": (5, 8), "seed": np.int64(3)},
        matching="by label",
        figure=False,
    )
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["settings"]["metric"] == "cosine"
    assert {"jaxprune", "jax", "numpy", "python", "rsatoolbox"} == set(
        summary["versions"]
    )
    assert (summary["n_units"], summary["n_conditions"]) == (8, 5)
    assert summary["n_undefined"] == 1
    assert summary["conditions_matched"] == "by label"
    assert len(summary["best_size"]) == 2
    assert summary["inputs"]["features"].endswith("x.npy")
    assert summary["inputs"]["seed"] == 3


def test_interrupted_writing_leaves_the_old_file(tmp_path):
    (tmp_path / "x").write_text("old")

    def fill(file):
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _write(tmp_path / "x", fill)
    assert (tmp_path / "x").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match="labels: 2 given; expected 5"):
        save_pruning(make(), tmp_path, labels=["a", "b"])
    with pytest.raises(ValueError, match="units, 'name': 1 given; expected 8"):
        save_pruning(make(), tmp_path, units=["a"])
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="is a file"):
        save_pruning(make(), tmp_path / "file")


def test_missing_and_damaged_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a folder"):
        load_pruning(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match=r"result\.npz and no summary\.json"):
        load_pruning(tmp_path)
    save_pruning(make(), tmp_path, figure=False)
    whole = (tmp_path / "result.npz").read_bytes()
    for damaged in (whole[:100], b"", b"nothing"):
        (tmp_path / "result.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match="is damaged or not from this version"):
            load_pruning(tmp_path)
    np.savez(tmp_path / "result.npz", curve=np.ones(3))
    with pytest.raises(ValueError, match="is damaged"):
        load_pruning(tmp_path)


def test_every_unit_of_a_large_layer_has_a_row(tmp_path):
    save_pruning(make(n_units=200_704), tmp_path, figure=False)
    with (tmp_path / "units.csv").open() as lines:
        assert sum(1 for _ in lines) == 200_705
