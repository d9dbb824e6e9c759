"""What the files beside the code promise about it and about each other."""

import ast
import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import jaxprune
import jaxprune.base.version as version_of

ROOT = Path(__file__).resolve().parents[1]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]


def test_one_version():
    cited = re.search(r"^version: (.*)$", read("CITATION.cff"), re.MULTILINE)
    assert cited is not None
    assert cited[1] == PROJECT["version"]
    assert f"## [{PROJECT['version']}]" in read("CHANGELOG.md")


def test_version_of_the_package(monkeypatch):
    assert jaxprune.__version__ == PROJECT["version"]
    with suppress(PackageNotFoundError):
        assert version("jaxprune") == PROJECT["version"]

    # A bare copy of the source tree, which nothing installed.
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(version_of, "version", absent)
    assert version_of._version() == PROJECT["version"]


def test_one_test_command_for_people_and_ci():
    commands = re.findall(r"(?m)^pip install .* && pytest$", read("README.md"))
    assert commands == ["pip install -e '.[test]' && pytest"]
    assert "grep -E '^pip install .* && pytest$' README.md" in read(".ci/run")


def test_the_command_for_people_is_the_fast_one():
    # Two processes, a file to each, whoever types `pytest`.
    options = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    assert {"-n2", "--dist=loadfile"} <= set(options["addopts"])
    assert "PYTEST_ADDOPTS" not in read(".ci/run")


def test_tests_need_neither_torch_nor_cuda():
    extras = PROJECT["optional-dependencies"]
    for requirement in [*PROJECT["dependencies"], *extras["test"]]:
        assert not re.match("torch|jax.cuda", requirement)


@pytest.mark.parametrize("name", ["reference.py", "scripts_semantics.py"])
def test_references_are_independent(name):
    imported = set()
    for node in ast.walk(ast.parse(read(f"tests/{name}"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    packages = {module.partition(".")[0] for module in imported}
    assert packages.isdisjoint({"flax", "jax", "jaxlib", "jaxprune", "jaxprune_ports"})


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "ports/README.md",
        "docs/release/README.md",
        ".github/CODE_OF_CONDUCT.md",
    ],
)
def test_links_lead_somewhere(name):
    here = (ROOT / name).parent
    links = re.findall(r"\]\((?!https?://|#)([^)]+)\)", read(name))
    assert [link for link in links if not (here / link).exists()] == []
