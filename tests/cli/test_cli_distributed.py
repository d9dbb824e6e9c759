"""Several processes on this machine, as srun, mpirun or a person would start them."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli import main
from jaxprune.cli.commands._distributed import AUTO, place_in_job
from jaxprune.cli.commands._watcher import how_it_ended

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="jobs of several processes run on Linux and macOS"
)
ROOT = Path(__file__).resolve().parents[2]
DEVICES = 4
N, UNITS = 12, 203  # not a multiple of 8 devices

# A worker that is killed when it has the importances.
DIES = """
import os, signal, sys
import jaxprune.pruning
from jaxprune.cli import main
from jaxprune.cli.commands._watcher import WORKER

jaxprune.pruning.curves = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
os.environ[WORKER] = str(os.open(os.devnull, os.O_WRONLY))
main(sys.argv[1:])
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Features with a dead unit and a tie across devices, and a target, as files."""
    rng = np.random.default_rng(0)
    x = rng.random((N, UNITS)).astype(np.float32)
    x[:, :9] += np.arange(N)[:, None] * rng.normal(size=9)
    x[:, 150] = x[:, 3]
    x[:, 60] = 0
    np.save(tmp_path / "features.npy", x)
    x[3, 180] = np.nan
    np.save(tmp_path / "nan.npy", x)
    np.save(tmp_path / "target.npy", np.abs(np.arange(N)[:, None] - np.arange(N)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def free_port():
    """A port among those that JAX takes for jobs of SLURM."""
    for port in random.sample(range(61440, 65536), 100):
        with socket.socket() as found:
            if found.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port")


def start(*argv, program=("-m", "jaxprune"), **environment):
    path = os.pathsep.join([str(ROOT), str(ROOT / "ports")])
    flags = os.environ["XLA_FLAGS"].replace("device_count=8", f"device_count={DEVICES}")
    return subprocess.Popen(
        [sys.executable, *program, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "XLA_FLAGS": flags, **environment},
    )


def ended(processes):
    """Status, stdout and stderr of each."""
    said = [process.communicate(timeout=120) for process in processes]
    statuses = [process.returncode for process in processes]
    return [(status, *texts) for status, texts in zip(statuses, said, strict=True)]


def test_two_processes_of_slurm_are_one(files):
    port = free_port()
    slurm = {
        "SLURM_JOB_ID": str(port - 61440),
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_STEP_NUM_NODES": "1",
        "SLURM_NTASKS": "2",
    }
    command = ["prune", "features.npy", "target.npy", "--out", "out", "--no-figure"]
    processes = [
        start(
            *command,
            "--distributed",
            **slurm,
            SLURM_PROCID=str(rank),
            SLURM_LOCALID=str(rank),
        )
        for rank in range(2)
    ]
    first, second = ended(processes)
    assert (first[0], first[2]) == (0, "")
    assert second == (0, "", "")
    assert first[1].startswith(f"features      features.npy: {N} conditions x {UNITS}")
    assert "Gloo" not in first[1]

    once = jp.prune(np.load("features.npy"), np.load("target.npy"))
    found = jp.Pruning.load("out")
    # The layer fits less well without units than with: importances are of order 1e-2.
    np.testing.assert_allclose(found.importance, once.importance, atol=1e-12)
    np.testing.assert_allclose(found.curve, once.curve, atol=1e-12)
    np.testing.assert_array_equal(found.retained, once.retained)
    once.save("once", figure=False)
    names = [sorted(path.name for path in Path(at).iterdir()) for at in ("out", "once")]
    assert names[0] == names[1]


def test_one_line_says_what_is_wrong(files):
    # A folder that only the first process writes to, and units of the second.
    place = f"127.0.0.1:{free_port()},2,"
    command = ["prune", "nan.npy", "target.npy", "--out", "out", "--distributed"]
    found = ended([start(*command, f"{place}{rank}") for rank in range(2)])
    assert [out for _, out, _ in found] == ["", ""]
    assert all(status in (1, 2) for status, _, _ in found)
    said = "".join(err for *_, err in found)
    assert said.count("\n") == 1
    assert said.startswith("jaxprune: error: process 1 of 2: features contains NaN")
    assert "(condition 3, unit 180)" in said


@pytest.mark.slow
def test_a_process_that_dies_ends_the_job(files):
    address = f"127.0.0.1:{free_port()}"
    command = ["prune", "features.npy", "target.npy", "--out", "out", "--distributed"]
    survivor = start(*command, f"{address},2,0")
    dies = start(*command, f"{address},2,1", program=("-c", DIES))
    (status, out, err), (killed, *_) = ended([survivor, dies])
    assert killed == -signal.SIGKILL
    assert status != 0
    assert out == ""
    assert err.startswith("jaxprune: error: process 0 of 2: another process of the job")
    assert err.count("\n") == 1
    assert "Start the job again: importances that were finished are kept" in err
    assert [path.name for path in Path("out").iterdir()] == ["parts"]
    (kept,) = Path("out/parts").iterdir()
    assert re.fullmatch("importances-[0-9a-f]{12}.npz", kept.name)


@pytest.mark.slow
def test_processes_that_disagree(files):
    address = f"127.0.0.1:{free_port()}"
    command = ["prune", "features.npy", "target.npy", "--out", "out"]
    found = ended(
        [
            start(*command, "--distributed", f"{address},2,0"),
            start(*command, "--metric", "cosine", "--distributed", f"{address},2,1"),
        ]
    )
    assert all(status != 0 for status, _, _ in found)
    said = "".join(err for *_, err in found)
    assert said.count("\n") == 1
    assert "processes [1] were given other options" in said


@pytest.mark.slow
@pytest.mark.parametrize("without", [(0, 1), (0,), (1,)])
def test_a_file_that_is_not_there(files, without):
    place = f"127.0.0.1:{free_port()},2,"
    options = ["target.npy", "--out", "out", "--distributed"]
    found = ended(
        [
            start(
                "prune",
                "none.npy" if rank in without else "features.npy",
                *options,
                f"{place}{rank}",
            )
            for rank in range(2)
        ]
    )
    assert all(status in (1, 2) for status, _, _ in found)
    said = "".join(err for *_, err in found)
    assert said.count("\n") == 1
    assert said.startswith(f"jaxprune: error: process {without[0]} of 2: none.npy")


@pytest.mark.parametrize("given", ["node1", "node1:9000", "node1:9000,2,2", "x.npy"])
def test_places_that_are_none(given):
    with pytest.raises(ValueError, match=f"--distributed {given}: expected HOST:PORT"):
        place_in_job(given, {})


def test_place_in_a_job_of_open_mpi_5():
    environment = {
        "PMIX_NAMESPACE": "prterun-node-7-4097@1",
        "OMPI_COMM_WORLD_SIZE": "8",
        "OMPI_COMM_WORLD_RANK": "5",
        "OMPI_COMM_WORLD_LOCAL_RANK": "1",
    }
    assert place_in_job(AUTO, environment) == {
        "coordinator_address": "node-7:61441",
        "num_processes": 8,
        "process_id": 5,
        "local_device_ids": [1],
    }
    # Earlier versions, and SLURM, are JAX's to detect.
    del environment["PMIX_NAMESPACE"]
    assert place_in_job(AUTO, environment) == {}


def test_what_ended_a_worker():
    abort = "F1121 client.h:80] Terminating process because the JAX distributed service"
    this = "process 1 of 2"
    said = how_it_ended(signal.SIGABRT, f"W1\n{this}\n{abort}")
    assert said.startswith(f"{this}: another process of the job has ended")
    assert f"{this}: ended by SIGABRT. " in how_it_ended(signal.SIGABRT, f"\n{this}\n")
    assert "ended by SIGKILL, which is often" in how_it_ended(signal.SIGKILL, "")
    late = "absl::Status: DEADLINE_EXCEEDED: Deadline Exceeded"
    assert "some processes of the job were not there" in how_it_ended(
        signal.SIGABRT, late
    )


def test_windows_has_no_jobs(capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["prune", "x.npy", "t.npy", "--out", "out", "--distributed"]) == 2
    err = capsys.readouterr().err
    assert "--distributed: jobs of several processes run on Linux and macOS" in err
    assert err.count("\n") == 1


def test_a_network_is_not_distributed(capfd):
    argv = ["prune", "--network", "cornet_z", "--out", "out", "--distributed"]
    assert main(argv) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "jaxprune extract" in err
    assert err.count("\n") == 1
