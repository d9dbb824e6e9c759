"""The rivals compute what we compute, and a result can be read."""

import numpy as np
import pytest

pytest.importorskip("joblib", reason="needs joblib")
pytest.importorskip("rsatoolbox", reason="needs rsatoolbox")

import joblib  # noqa: E402

from benchmarks import agreement, core, engine, engine_report, methods  # noqa: E402
from benchmarks.cases import Case, load, synthetic_target  # noqa: E402
from benchmarks.yardstick import yardstick  # noqa: E402

PROTOCOL = core.Protocol(rounds=1, sample_seconds=0.0)


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    x = rng.random((8, 12)).astype(np.float32)
    return Case("8x12", x, synthetic_target(x), "synthetic", False)


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(core, "SETTLE", 0.0)
    monkeypatch.setattr(core, "ROUND_SECONDS", 0.0)
    with joblib.parallel_config("sequential"):
        yield


@pytest.fixture
def order(case):
    return np.random.default_rng(1).permutation(case.n_units)


@pytest.mark.parametrize("task", engine.TASKS)
def test_every_method_agrees_with_deleting_columns(case, order, task):
    several = methods.methods_of(task, case, order)
    chosen = methods.masks_of(case) if task == "masks" else order
    reference = agreement.Reference(case, task, several[0].items, chosen)
    for method in several:
        if method.skipped:
            continue
        if task == "spearman" and method.dtype == "float32":
            continue  # a swap of two close ranks is no error of the benchmark
        gap = reference.compare(method)["difference"]
        # rsatoolbox keeps float32 features in float32.
        single = method.dtype == "float32" or method.key == "rsatoolbox"
        assert gap < (1e-5 if single else 1e-12), method.label


def test_scaling():
    parts = core.Parts(np.zeros(5), once=1.0, work=2.0)
    assert core.total(parts, done=5, of=50) == 21.0
    assert list(core.spread(np.arange(101), 3)) == [0, 50, 100]
    assert len(core.spread(np.arange(4), 9)) == 4


def test_report_renders(case, order, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "peak_extra", lambda *_: {"memory": 2**20})
    monkeypatch.setattr(engine, "warm_up_workers", lambda: None)
    monkeypatch.setattr(engine, "load", lambda _: case)
    words = ["--tasks", "leave_one_out", "--cases", "8x12", "--out", str(tmp_path)]
    options = engine.parse(words)
    session = engine.Session(options)
    session.protocol = PROTOCOL
    session.case("8x12")
    engine_report.write(session.result, tmp_path, "engine")
    text = (tmp_path / "engine.md").read_text()
    for method in methods.methods_of("leave_one_out", case, order) + yardstick(case):
        assert method.label in text
    assert (tmp_path / "engine.png").stat().st_size > 10_000
    rows = engine_report.evaluate(session.result["cases"])
    assert any(row.met for row in rows)
    assert (tmp_path / "engine.json").is_file()


def test_synthetic_features_are_as_after_a_relu():
    made = load("6x500")
    assert made.x.dtype == np.float32
    assert 0.6 < (made.x == 0).mean() < 0.95
    assert (made.x == 0).all(0).any()
    np.testing.assert_array_equal(made.x, load("6x500").x)
    np.testing.assert_array_equal(made.target, made.target.T)
