"""Very wide layers: the yard-sticks, what is derived, and that a run goes on."""

import json

import numpy as np
import pytest

pytest.importorskip("joblib", reason="needs joblib")

import joblib  # noqa: E402

from benchmarks import (  # noqa: E402
    agreement,
    cases,
    core,
    machine,
    report,
    scale,
    scale_case,
    scale_report,
    scale_targets,
    script,
    yardstick,
)
from benchmarks.cases import Case  # noqa: E402

SETTINGS = {
    "tasks": ["leave_one_out", "prune", "prune_bounded"],
    "dtypes": ["float32", "float64"],
    "rounds": 1,
    "sample_seconds": 0.0,
    "memory_mib": 16,
    "largest": None,
    "rivals": True,
}


@pytest.fixture(autouse=True, scope="module")
def quickly():
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_config("sequential"):
        patch.setattr(core, "SETTLE", 0.0)
        patch.setattr(core, "ROUND_SECONDS", 0.0)
        patch.setattr(yardstick, "ROUND", 0.0)
        patch.setattr(yardstick, "WIDTHS", (64,))
        patch.setattr(yardstick, "CPU_BYTES", 2**16)
        yield


@pytest.fixture(scope="module")
def record(quickly, tmp_path_factory):
    """One layer, measured in this process."""
    pytest.importorskip("rsatoolbox", reason="needs rsatoolbox")
    file = tmp_path_factory.mktemp("scale") / "case.json"
    scale_case.main(["8", "300", json.dumps(SETTINGS), str(file)])
    return json.loads(file.read_text())


def result_of(layers):
    machine = {
        "device": "cpu",
        "cpu": "a processor",
        "cores": 2,
        "memory_gib": 4,
        "system": "Linux",
        "jaxprune": "0",
        "commit": None,
        "python": "3",
        "versions": {"jax": "0", "torch": None},
        "when": "today",
    }
    return {"machine": machine, "settings": SETTINGS, "cases": layers}


def test_wide_features_are_as_after_a_relu_and_the_same_in_any_number_of_threads(
    monkeypatch,
):
    monkeypatch.setattr(cases, "BLOCK", 6 * 100)
    x = cases.wide_features(6, 1050)
    assert x.dtype == np.float32
    assert 0.6 < (x == 0).mean() < 0.95
    assert (x == 0).all(0).any()
    assert len(np.unique(x[:, :100], axis=1).T) < 101
    assert not np.array_equal(x[:, :100], x[:, 100:200])
    monkeypatch.setattr(cases, "cores", lambda: 5)
    np.testing.assert_array_equal(x, cases.wide_features(6, 1050))


def test_a_layer_that_does_not_fit_has_a_reason(monkeypatch):
    monkeypatch.setattr(cases, "available_memory", lambda: 2**30)
    assert cases.too_large(10, 1000, 0, None) is None
    assert "--largest" in cases.too_large(10, 1000, 0, 9999)
    assert "this machine" in cases.too_large(100, 10**7, 0, None)
    assert "the device" in cases.too_large(100, 10**6, 2**20, None)
    monkeypatch.setattr(cases, "available_memory", lambda: 0)
    assert cases.too_large(100, 10**7, 0, None) is None


def test_score_by_definition_in_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.random((7, 60)).astype(np.float32) + 3
    target = rng.random((7, 7))
    case = Case("7x60", x, target + target.T, "synthetic", False)
    units = np.arange(3, 50)
    pairs = np.triu_indices(7, 1)
    chosen = x[:, units].astype(float)
    expected = script.fit(chosen, case.target[pairs], pairs, "pearson")
    for block in (1, 7 * 10, 10_000):
        monkeypatch.setattr(agreement, "BLOCK", block)
        assert agreement.score_of(case, units) == pytest.approx(expected, abs=1e-13)


def test_yardsticks_are_positive():
    rate = yardstick.product_rate(16, "float64")
    assert rate["flops"] == max(rate["by_width"].values()) > 0
    assert rate["width"] == 64
    assert yardstick.bandwidth() > 0


def test_memory_of_a_call_is_seen():
    space = machine.rise(lambda: np.ones(2**24))
    if not space:
        pytest.skip("the high-water mark of this system cannot be reset")
    assert 2**26 < space["memory"] < 2**28


def test_rivals_and_definition_agree_with_us(record):
    assert record["finished"]
    assert record["agreement"]["leave_one_out"]["difference_relative"] < 1e-4
    for task in ("prune", "prune_bounded"):
        assert record["agreement"][task]["in_one_only"] == 0
        assert record["agreement"][task]["best_score_float64"] < 1e-12
    for key in ("script", "numpy", "torch_float64"):
        found = report.find(record, "leave_one_out", key)
        assert "skipped" in found or found["difference"] < 1e-12


def test_features_on_an_accelerator(record, tmp_path, monkeypatch):
    """The same on a device with a memory of its own, which a CPU stands in for."""
    peaks = iter([10, 2**20, 5 * 2**20, 5 * 2**20])

    def stats():
        peak = next(peaks, 5 * 2**20)
        return {"bytes_in_use": 9, "peak_bytes_in_use": peak, "bytes_limit": 2**30}

    monkeypatch.setattr(machine, "device_stats", stats)
    settings = SETTINGS | {"tasks": ["leave_one_out"], "rivals": False}
    measurement = scale_case.Measurement(8, 300, settings, tmp_path / "case.json")
    measurement.run()
    assert type(measurement.x).__module__.startswith("jax")
    found = json.loads((tmp_path / "case.json").read_text())
    assert set(found["transfer"]) == {"features", "importances"}
    single, double = found["methods"]
    assert single["memory_device"] == double["memory_device"] == 5 * 2**20 - 9
    assert not single["memory_device_is_bound"]
    assert double["memory_device_is_bound"]
    result = result_of([found])
    result["machine"]["device"] = "gpu (Some GPU)"
    said = scale_report.write(result, tmp_path)
    assert "## Very wide layers: gpu (Some GPU)" in said
    assert "<= 5.0 MiB" in said
    assert (tmp_path / "scale-gpu.png").is_file()


# Compiles a whole test of permutations, twice.
@pytest.mark.slow
def test_permutations_a_second(tmp_path, monkeypatch):
    monkeypatch.setattr(scale_case, "PERMUTATIONS", 2)
    settings = SETTINGS | {"tasks": ["permutations"], "rivals": False}
    scale_case.Measurement(8, 300, settings, tmp_path / "case.json").run()
    found = json.loads((tmp_path / "case.json").read_text())
    assert found["finished"]
    said = scale_report.write(result_of([found]), tmp_path)
    assert "8 x 300: permutations, float32 | (none) | " in said
    assert said.count(" a second") == 2


def test_what_does_not_fit_on_a_device_fails_alone(tmp_path, monkeypatch):
    def full(*_, precision, **__):
        raise RuntimeError(f"RESOURCE_EXHAUSTED: {precision}")

    monkeypatch.setattr("jaxprune.leave_one_out", full)
    settings = SETTINGS | {"tasks": ["leave_one_out"], "rivals": False}
    measurement = scale_case.Measurement(8, 300, settings, tmp_path / "case.json")
    measurement.run()
    found = json.loads((tmp_path / "case.json").read_text())
    reasons = [one["skipped"] for one in found["methods"]]
    assert reasons == [f"RESOURCE_EXHAUSTED: {d}" for d in ("float32", "float64")]
    said = scale_report.write(result_of([found]), tmp_path)
    assert "failed: RESOURCE_EXHAUSTED: float64" in said


def test_report_of_a_measurement(record, tmp_path):
    too_wide = {
        "name": "8x600",
        "n": 8,
        "n_units": 600,
        "methods": [],
        "skipped": "more than 100 activations",
    }
    said = scale_report.write(result_of([record, too_wide]), tmp_path, tmp_path)
    assert "300 | leave-one-out | float64" in said
    assert "same retained" in said
    assert "skipped: more than 100 activations" in said
    assert (tmp_path / "scale-cpu.png").stat().st_size > 10_000
    assert said in (tmp_path / "RESULTS.md").read_text()


def synthetic(n, n_units, seconds, **more):
    """Record of a layer whose products run at 1e12 flops a second."""
    methods = [
        {"task": task, "key": f"jaxprune_{dtype}", "median": s, **more}
        for (task, dtype), s in seconds.items()
    ]
    rates = {d: {"flops": 1e12} for d in ("float64", "float32")}
    return {
        "n": n,
        "n_units": n_units,
        "feature_bytes": 4 * n * n_units,
        "methods": methods,
        "products": rates,
        "bandwidth": 1e10,
        "memory_mib": 100,
    }


def test_targets_on_a_cpu():
    # Five products: 10 * 200 ** 2 * 1e6 / 1e12 = 0.4 s.
    seconds = {
        ("leave_one_out", "float64"): 0.7,
        ("leave_one_out", "float32"): 0.9,
        ("prune_bounded", "float32"): 5.0,
    }
    case = synthetic(200, 1_000_000, seconds, memory=120 * 2**20)
    rows = {r.what: r for r in scale_targets.evaluate([case], on_cpu=True)}
    assert [row.met for row in rows.values()] == [True, False, False]
    assert [row.reached for row in rows.values()] == ["1.75", "2.25", "120 MiB"]
    # Twice 0.8 GB in 0.7 s, of 10 GB a second.
    share = scale_targets.of_bandwidth(case, "leave_one_out", "float64")
    assert share == pytest.approx(1.6 / 0.7 / 10)


def test_targets_on_an_accelerator():
    layers = [
        synthetic(200, 1_000_000, {("leave_one_out", "float32"): 0.04}),
        synthetic(32, 200_704, {("prune", "float32"): 0.2}),
        # Five products: 1 s.
        synthetic(1000, 100_000, {("leave_one_out", "float64"): 1.9}),
        synthetic(1000, 100_000, {("leave_one_out", "float64"): 2.1}),
    ]
    rows = scale_targets.evaluate(layers, on_cpu=False)
    assert [row.met for row in rows] == [True, False, True, False]
    assert [row.reached for row in rows[2:]] == ["53 %", "48 %"]


def test_rivals_of_wider_layers_are_extrapolated():
    def case(n_units, **seconds):
        methods = [
            {"task": task, "key": key, "median": s}
            for (task, key), s in seconds.pop("times").items()
        ]
        return {"n": 32, "n_units": n_units, "methods": methods}

    times = {
        ("leave_one_out", "script"): 2.0,
        ("leave_one_out", "numpy"): 0.5,
        ("reintroduction", "script"): 3.0,
    }
    narrow, wide = both = [case(100, times=times), case(1000, times={})]
    of = scale_targets.rival
    assert of(both, narrow, "script", "leave_one_out") == (2.0, None)
    assert of(both, wide, "script", "leave_one_out") == (200.0, 100)
    assert of(both, wide, "numpy", "leave_one_out") == (5.0, 100)
    assert of(both, wide, "script", "prune") == (500.0, 100)
    assert of(both, wide, "rsatoolbox", "leave_one_out") == (None, None)


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Make a session that measures nothing, and says what it was asked for."""
    asked = []

    def alone(module, *words):
        assert module == "scale_case"
        if words == ("describe",):
            return json.dumps(result_of([])["machine"])
        n, n_units, _, file = words
        asked.append((int(n), int(n_units)))
        record = {"name": f"{n}x{n_units}", "n": int(n), "n_units": int(n_units)}
        broken = int(n_units) == 20 and len(asked) < 4
        record |= {"methods": [], "finished": not broken}
        if broken:
            raise scale.subprocess.CalledProcessError(1, "alone")
        scale.Path(file).write_text(json.dumps(record))
        return ""

    monkeypatch.setattr(scale, "alone", alone)

    def make(*words):
        sizes = ["--conditions", "8", "--units", "10", "20", "30"]
        return scale.main([*sizes, "--out", str(tmp_path), *words])

    return make, asked, tmp_path / "scale.json"


def test_a_run_goes_on_with_what_is_missing(session, capsys):
    make, asked, file = session
    assert make() == 0
    assert asked == [(8, 10), (8, 20), (8, 30)]
    kept = json.loads(file.read_text())["cases"]
    assert [case.get("failed") for case in kept] == [
        None,
        "its process ended with status 1",
        None,
    ]
    assert make() == 0
    assert asked[3:] == [(8, 20)]
    assert all(case["finished"] for case in json.loads(file.read_text())["cases"])
    with pytest.raises(SystemExit, match="name another folder with --out"):
        make("--memory", "64")
    assert "measured before" in capsys.readouterr().err


def test_no_layer_starts_after_max_seconds(session):
    make, asked, _ = session
    make("--max-seconds", "-1")
    assert asked == []


def test_layers_with_a_target_come_first():
    shapes = scale.layers(scale.parse([]))
    first = [(200, 1_000_000), (32, 200_704), (1000, 100_352)]
    assert shapes[:3] == first == scale.layers(scale.parse(["--targets"]))
    assert len(shapes) == len(set(shapes)) == 14
    assert scale.layers(scale.parse(["--conditions", "7", "--units", "5"])) == [(7, 5)]


def test_sections_leave_the_rest_of_a_file_alone(tmp_path):
    file = tmp_path / "RESULTS.md"
    file.write_text("# By another\n\ntext\n")
    report.put(file, "a", "## A\n")
    report.put(file, "b", "## B\n")
    report.put(file, "a", "## A, again\n")
    assert file.read_text() == (
        "# By another\n\ntext\n\n<!-- begin a -->\n## A, again\n<!-- end a -->\n\n"
        "<!-- begin b -->\n## B\n<!-- end b -->\n"
    )
    assert report.sections(file).startswith("<!-- begin a -->")
    assert report.sections(tmp_path / "none.md") == ""
