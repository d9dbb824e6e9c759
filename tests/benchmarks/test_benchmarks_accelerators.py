"""Every kernel compiles for a TPU, with the collectives that are meant only."""

import re

import pytest

from benchmarks import accelerators, core


# Kernels for TPUs take a minute to compile.
@pytest.mark.slow
def test_every_kernel_compiles_for_a_tpu(tmp_path):
    pytest.importorskip("libtpu", reason="needs pip install 'jaxprune[tpu]'")
    words = ["--layers", "24x600", "--topologies", "v5e:2x2", "--out", str(tmp_path)]
    said = core.alone("accelerators", *words)
    assert said.strip() == (tmp_path / "ACCELERATORS.md").read_text().strip()
    row = r"(?m)^\| ([\w.]+(?:, \w+)?) \| ([14]) \|.*\| ([\w, -]*) \|$"
    rows = re.findall(row, said)
    travels = {name: collectives for name, _, collectives in rows if collectives}
    assert set(travels) == {"shards._sum", "shards._gather"}
    on = {chips: {name for name, n, _ in rows if n == chips} for chips in "14"}
    for name in ("closed_form.leave_one_out", "prefix.score_prefixes"):
        assert name in on["1"] & on["4"]
    assert {"prefix_sizes.score_sizes", "masked.sums", "greedy.backward"} <= on["1"]
    assert "downdate.leave_one_out, Spearman" in on["4"]


@pytest.mark.parametrize("line", ["%a = f32[4] all-gather(%b)", "all-reduce-start(%b)"])
def test_collectives_are_found(line):
    assert len(accelerators.COLLECTIVES.findall(f" {line}, channel_id=1")) == 1
