"""Every public name and every option of every command has its place in the docs."""

import ast
import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jaxprune.plots import COLOURS

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

from command_pages import file_name, page, parsers  # noqa: E402
from constants import CONSTANTS  # noqa: E402

BELOW = """comparisons explain heatmaps inference io metrics numerosity report results
reweighting stimuli studies"""
MODULES = ["jaxprune", "jaxprune_ports", *(f"jaxprune.{m}" for m in BELOW.split())]
LISTED = {
    name
    for path in (DOCS / "api").glob("*.rst")
    for name in re.findall(r"^   (jaxprune[\w.]+)$", path.read_text("utf-8"), re.M)
}


def public(module):
    """Names that a module offers: those it lists, or else those that it imports."""
    if names := getattr(module, "__all__", None):
        return set(names)
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    return {*imported, *(name for name in vars(module) if re.match("[A-Z]+$", name))}


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_on_a_page_of_its_task(name):
    pytest.importorskip("sklearn", reason="Pruner is a name")
    module = importlib.import_module(name)
    # Results and groups_of are offered twice, and are on a page once.
    elsewhere = {one.rpartition(".")[2] for one in LISTED if one.count(".") == 1}
    missing = {
        f"{name}.{one}"
        for one in public(module)
        if f"{name}.{one}" not in LISTED
        and not (one in elsewhere and name in ("jaxprune.io", "jaxprune.results"))
        and not isinstance(getattr(module, one), ModuleType)
    }
    assert not missing, f"list them on a page of docs/api: {sorted(missing)}"


def test_nothing_is_listed_that_is_not_there():
    pytest.importorskip("sklearn", reason="Pruner is a name")
    for name in LISTED:
        module, _, attribute = name.rpartition(".")
        found = getattr(importlib.import_module(module), attribute)
        assert callable(found) or name in CONSTANTS


PARSERS = list(parsers())


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.prog)
def test_every_command_has_a_page_with_every_option(parser):
    index = (DOCS / "commands" / "index.rst").read_text("utf-8")
    assert f"generated/{file_name(parser)}\n" in index
    text = page(parser)
    for action in parser._actions:
        assert action.help
        for option in action.option_strings or [action.metavar]:
            assert re.search(rf"^\.\. option::.* {re.escape(option)}\b", text, re.M)


def test_one_palette():
    drawn = {
        colour.upper()
        for path in (DOCS / "_static").iterdir()
        if path.suffix in (".css", ".svg")
        for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text("utf-8"))
    }
    greys = {c for c in drawn if c[1:3] == c[3:5] == c[5:7]}
    assert {*COLOURS} & drawn
    assert drawn - greys <= {*COLOURS}
