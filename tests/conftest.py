"""Set up before jax is imported, and the data shared by the tests."""

import os
import shutil
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Read once, when jax is first imported. Tests compile far more than they compute: code
# that XLA does not optimise, nor generates in several threads, is ready in 40 % of the
# time. What is asserted about optimised code (its memory) is compiled with
# engine/cases.py's OPTIMISED.
FLAGS = {
    "xla_force_host_platform_device_count": "8",  # fake devices on one CPU
    "xla_backend_optimization_level": "0",
    "xla_cpu_parallel_codegen_split_count": "1",
}
if version("jaxlib").startswith("0.10."):
    # The older way of making code is faster; later versions have it no more, and end
    # the process at a flag that they do not know.
    FLAGS["xla_cpu_use_fusion_emitters"] = "false"
_flags = os.environ.get("XLA_FLAGS", "")
for _name, _value in FLAGS.items():
    if _name not in _flags:
        _flags = f"{_flags} --{_name}={_value}"
os.environ["XLA_FLAGS"] = _flags.strip()

# Commands keep what they compile in the user's own folder; tests have one of their own,
# which the processes of one run share and the next run finds.
COMPILED = ROOT / ".pytest_cache" / "compiled"
MOST_COMPILED = 2**29  # bytes; all of the tests once leave about a quarter
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(COMPILED)
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

import numpy as np  # noqa: E402
import pytest  # noqa: E402

# Read by pytest as what they are, but not as modules with doctests: they share a name.
collect_ignore_glob = ["conftest.py", "*/conftest.py"]

# Every compiled kernel holds some memory maps, and Linux grants a process 65,530.
MOST_MAPS = 30_000
N_CONDITIONS, N_UNITS = 9, 24  # one shape everywhere: every kernel compiles once


def pytest_sessionstart(session):
    """Forget the kernels of many runs, before the processes of this one start."""
    if hasattr(session.config, "workerinput") or not COMPILED.is_dir():
        return
    if sum(file.stat().st_size for file in COMPILED.iterdir()) > MOST_COMPILED:
        shutil.rmtree(COMPILED)


@pytest.fixture(autouse=True, scope="module")
def few_compiled_kernels():
    """Forget what was compiled before it is more than a process may hold."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and len(maps.read_bytes().splitlines()) > MOST_MAPS:
        import jax

        jax.clear_caches()


@pytest.fixture(scope="session")
def torchvision():
    """Torchvision, also next to a torch whose build does not match its own."""
    from tests.load_torchvision import load_torchvision

    return load_torchvision()


@pytest.fixture(scope="session")
def data_dir():
    """Folder of the real data; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("JAXPRUNE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the real data: no folder {folder} (set JAXPRUNE_DATA)")
    return folder


def _dense():
    return np.random.default_rng(1).normal(size=(N_CONDITIONS, N_UNITS))


def _sparse():
    """After a ReLU: mostly zeros, three dead units, two nearly silent rows."""
    rng = np.random.default_rng(2)
    x = np.maximum(rng.normal(size=(N_CONDITIONS, N_UNITS)) - 0.4, 0)
    x[2, 3:] = 0
    x[2, [1, 14, 20]] = [0.7, 1.9, 0.4]
    x[7, :18] = 0
    x[4, 0], x[6, 15] = 0.6, 0.9
    x[:, [4, 11, 19]] = 0
    return x


def _heavy():
    """Log-normal: a few responses carry most of a row."""
    shape = (N_CONDITIONS, N_UNITS)
    return np.exp(1.5 * np.random.default_rng(3).normal(size=shape))


def _dominated():
    """One unit carries a row: 98 % of its sum of squares."""
    x = _dense()
    x[2, 7] = 40.0
    return x


def _fragile():
    """Rows that lose all variation with one unit: 4 with unit 5, 6 with unit 9."""
    x = _dense()
    x[4] = 0.0
    x[4, 5] = 1.3
    x[6] = 0.1
    x[6, 9] = -0.8
    return x


def _levels():
    """Few distinct values: rows are often constant, not at zero, in small subsets."""
    rng = np.random.default_rng(4)
    return rng.choice([0.1, 0.7, 1.3], p=[0.6, 0.25, 0.15], size=_dense().shape)


def _duplicated():
    """Conditions 1 and 5 have the same responses, so do 3 and 8."""
    x = _dense()
    x[5], x[8] = x[1], x[3]
    return x


FEATURES = {
    "dense": _dense,
    "sparse": _sparse,
    "heavy": _heavy,
    "tiny": lambda: _dense() * 1e-30,
    "huge": lambda: _dense() * 1e30,
    "offset": lambda: _dense() + 30.0,
    "dominated": _dominated,
    "fragile": _fragile,
    "levels": _levels,
    "duplicated": _duplicated,
}


@pytest.fixture(scope="session")
def features():
    """Function of a kind (and dtype) giving features of 9 conditions x 24 units."""

    def make(kind="dense", dtype=np.float64):
        return FEATURES[kind]().astype(dtype)

    make.kinds = tuple(FEATURES)
    return make


@pytest.fixture(scope="session")
def targets():
    """Function giving square target RDMs with ties, ``(n, n)`` or ``(k, n, n)``."""

    def make(k=None, missing=(), n=N_CONDITIONS, seed=10):
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(k or 1, n, 3))
        out = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
        out = out.round(1)  # ties
        # missing: (i, j) for one target, (target, i, j) for a stack
        for *which, i, j in missing:
            t = which[0] if which else slice(None)
            out[t, i, j] = out[t, j, i] = np.nan
        return out if k else out[0]

    return make
