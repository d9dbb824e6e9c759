"""The program as such: help, version, info, the module, and the demo command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli import main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    "prune",
    "explain",
    "test",
    "compare",
    "plot",
    "heatmap",
    "extract",
    "convert",
    "networks",
    "stimuli",
    "train",
    "study",
    "demo",
    "info",
]


def stop(capsys, *argv):
    with pytest.raises(SystemExit) as stopped:
        main(list(argv))
    assert stopped.value.code == 0
    return capsys.readouterr().out


def test_version(capsys):
    assert stop(capsys, "--version") == f"jaxprune {jp.__version__}\n"


def test_no_command_shows_help(capsys):
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: jaxprune")
    assert re.findall(r"^    (\w+) +\w", err, re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help(capsys, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    text = stop(capsys, command, "--help")
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(rf"examples?:\n  jaxprune {command}\b", text)


def test_unknown_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["trim"])
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert err.startswith("jaxprune: error: ")
    assert err.count("\n") == 1


def test_info(capsys):
    assert main(["info"]) == 0
    out, err = capsys.readouterr()
    facts = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert facts["jaxprune"] == jp.__version__
    assert facts["jax"] == jax.__version__
    assert facts["numpy"] == np.__version__
    assert "precision auto = float" in facts["uses"]
    assert facts["memory"].endswith("GiB")
    assert int(facts["threads"]) >= 1
    assert "compiled" in facts
    assert err == ""


def test_info_where_the_system_does_not_tell_its_memory(capsys, monkeypatch):
    monkeypatch.delattr(os, "sysconf")  # as on Windows
    assert main(["info"]) == 0
    assert re.search("^memory +not known$", capsys.readouterr().out, re.MULTILINE)


def python(*argv, **environment):
    path = os.pathsep.join([str(ROOT), str(ROOT / "ports")])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run(
        [sys.executable, *argv],
        capture_output=True,
        text=True,
        env={name: text for name, text in environment.items() if text is not None},
        check=False,
    )


def test_module_is_the_same_program(tmp_path, features, targets):
    np.save(tmp_path / "x.npy", features())
    np.save(tmp_path / "t.npy", targets())
    out = tmp_path / "out"
    files = [str(tmp_path / "x.npy"), str(tmp_path / "t.npy")]
    kept = {
        "JAX_ENABLE_COMPILATION_CACHE": "true",
        "JAX_COMPILATION_CACHE_DIR": None,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    done = python("-m", "jaxprune", "prune", *files, "--out", str(out), **kept)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(out) in done.stdout
    (folder,) = (tmp_path / "cache" / "jaxprune").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert any(folder.glob("jit_*-cache"))
    assert jp.Pruning.load(out).best_size == jp.prune(features(), targets()).best_size


def test_a_terminal_that_cannot_show_the_folder(tmp_path, features, targets):
    np.save(tmp_path / "x.npy", features())
    np.save(tmp_path / "t.npy", targets())
    out = tmp_path / "o_\u732b"
    files = [str(tmp_path / "x.npy"), str(tmp_path / "t.npy"), "--no-figure"]
    narrow = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = python("-m", "jaxprune", "prune", *files, "--out", str(out), **narrow)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"o_\u732b" in done.stdout
    assert (out / "summary.json").exists()


@pytest.mark.parametrize("command", ["info", "prune"])
def test_a_platform_that_is_not_there(tmp_path, features, targets, command):
    np.save(tmp_path / "x.npy", features())
    np.save(tmp_path / "t.npy", targets())
    files = [str(tmp_path / name) for name in ("x.npy", "t.npy")]
    argv = ["info"] if command == "info" else ["prune", *files, "--out", "o"]
    done = python("-m", "jaxprune", *argv, JAX_PLATFORMS="rocm")
    assert done.returncode == 2
    assert done.stderr.startswith("jaxprune: error: JAX has no platform 'rocm' here")
    assert done.stderr.count("\n") == 1


def test_a_home_that_is_not_known(capsys, tmp_path, features, targets):
    np.save(tmp_path / "x.npy", features())
    np.save(tmp_path / "t.npy", targets())
    x, t = str(tmp_path / "x.npy"), str(tmp_path / "t.npy")
    for argv in (["~nobodyx/x.npy", t, "--out", "o"], [x, t, "--out", "~nobodyx/o"]):
        assert main(["prune", *argv]) == 2
        assert "home directory of ~nobodyx is not known" in capsys.readouterr().err


def test_errors_of_the_module(tmp_path):
    done = python("-m", "jaxprune", "prune", "a.npy", "b.npy", "--out", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("jaxprune: error: a.npy does not exist")
    assert done.stderr.count("\n") == 1


def test_what_is_compiled_is_kept_where_it_can_be(tmp_path):
    (tmp_path / "file").touch()
    chosen = tmp_path / "chosen"
    said = python(
        "-c",
        "import jax, jaxprune, os\n"
        "from jaxprune.cli.commands._compiled import keep_compiled\n"
        "print(jax.config.jax_compilation_cache_dir)\n"
        f"os.environ['XDG_CACHE_HOME'] = {str(tmp_path / 'file')!r}\n"
        "print(keep_compiled())\n"
        f"jax.config.update('jax_compilation_cache_dir', {str(chosen)!r})\n"
        "print(keep_compiled())\n"
        "jax.config.update('jax_enable_compilation_cache', False)\n"
        "print(keep_compiled())",
        JAX_ENABLE_COMPILATION_CACHE="true",
        JAX_COMPILATION_CACHE_DIR=None,
    )
    # Importing sets nothing; a folder that cannot be made is no error.
    assert said.stdout.split() == ["None", "None", str(chosen), "None"]
    assert said.stderr == ""


def test_command_line_is_light_to_import():
    heavy = "flax torch matplotlib h5py scipy jaxprune_ports"
    done = python(
        "-c",
        "import sys, jaxprune.cli\n"
        f"print([m for m in {heavy.split()!r} if m in sys.modules])",
    )
    assert done.stdout == "[]\n"
