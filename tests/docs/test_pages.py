"""What README and pages show runs, and does what they say."""

import ast
import inspect
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import scripts_semantics as scripts

import jaxprune as jp
from jaxprune.cli.main import main, make_parser

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FLAGS = re.DOTALL | re.MULTILINE


def read(path):
    return path.read_text(encoding="utf-8")


GUIDE = re.findall(r"^(\w+)$", read(DOCS / "guide/index.md"), re.MULTILINE)
PAGES = [
    ROOT / "README.md",
    DOCS / "start/features.md",
    *(DOCS / f"guide/{name}.md" for name in GUIDE),
    DOCS / "scripts.md",
]


def blocks(page, language):
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, read(page), FLAGS)


def commands(page):
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("jaxprune ")]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What the Python of README and pages defines, run one after the other."""
    pytest.importorskip("sklearn", reason="the pages show Pruner")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("pages"))
        for page in PAGES:
            for block in blocks(page, "python"):
                exec(compile(block, str(page), "exec"), found)
        found["files"] = {path.name for path in Path("pruned").iterdir()}
        found["folder"] = Path.cwd()
    return found


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_commands_are_commands(page):
    for line in commands(page):
        make_parser().parse_args(line)


SECONDS = re.compile(r"[\d.]+ s$", re.MULTILINE)


def test_the_first_door_shows_what_the_screen_shows(names, monkeypatch, capsys):
    monkeypatch.chdir(names["folder"])
    shutil.rmtree("pruned")  # whose replacement would be said
    first, _ = commands(DOCS / "start/features.md")
    assert main(first) == 0
    shown = read(DOCS / "start/features.txt")
    assert SECONDS.sub("", capsys.readouterr().out) == SECONDS.sub("", shown)


@pytest.mark.slow
@pytest.mark.parametrize("door", ["images", "words"])
def test_the_other_doors_from_an_empty_folder(door, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = DOCS / f"start/{door}.md"
    first = read(page).partition("\n## Your own\n")[0]
    for kind, text in re.findall(r"^```(bash|python)\n(.*?)^```", first, FLAGS):
        capsys.readouterr()
        if kind == "bash":
            assert main(shlex.split(text.replace("\\\n", ""))[1:]) == 0
        else:
            exec(compile(text, str(page), "exec"), {})
    shown = read(page.with_suffix(".txt"))
    assert SECONDS.sub("", capsys.readouterr().out) == SECONDS.sub("", shown)
    assert list(Path("pruned").rglob("figure.png"))


def test_quick_start(names):
    result = names["result"]
    assert f"{result.full_score:.2f}" == "0.46"
    assert f"{result.best_score:.2f}" == "0.81"
    assert result.best_size == len(result.retained) == 122
    assert names["by_chance"].shape == (100,)
    assert names["few"].shape[1] == names["pruner"].n_units_selected_


def test_files_of_a_result(names):
    listed = set(
        re.findall(r"^\| `(\w+\.\w+)` \|", read(DOCS / "guide/files.md"), re.MULTILINE)
    )
    assert listed == names["files"]


def test_selection_lifts_a_shuffled_target(names):
    assert abs(names["chance"].full_score) < 0.05
    assert f"{names['chance'].best_score:.2f}" == "0.54"


def test_searches(names):
    greedy, values = names["greedy"], names["values"]
    assert f"{greedy.best_score:.2f}" == "0.87"
    assert greedy.best_size == 111
    assert f"{values.values.sum():.2f}" == "0.46"
    assert values.standard_errors.max() < 0.02 * np.abs(values.values).max()


def test_groups(names):
    grouped = names["grouped"]
    assert grouped.retained_groups.tolist() == [0, 1]
    assert grouped.retained.tolist() == list(range(20))


def test_number_detectors(names):
    found = names["detectors"].units
    assert list(found[:25]) == list(range(25))
    assert len(found) == 30
    assert f"{names['shared'].coefficient:.2f}" == "0.57"
    assert f"{names['shared'].chance:.2f}" == "0.24"
    assert f"{names['held_out'].pruned.mean():.2f}" == "0.54"
    assert f"{names['held_out'].train_pruned.mean():.2f}" == "0.85"


def test_is_it_real(names):
    assert names["test"].p_value == names["test"].p_full == 1 / 200
    assert names["gain"].low < names["gain"].mean < names["gain"].high
    assert names["spread"].names == ("full", "pruned")


def test_options_are_those_of_prune(names):
    table = read(DOCS / "guide/options.md")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", table, re.MULTILINE)
    x, t = names["features"], names["target"]
    defaults = inspect.signature(jp.prune).parameters
    # The others, groups, readout, sizes, devices and memory, have no list of values.
    choices = [row for row in rows if isinstance(defaults[row[0]].default, str)]
    assert (len(rows), len(choices)) == (15, 10)
    for option, cell in choices:
        values = re.findall(r"`([\w-]+)`", cell)
        assert values[0] == defaults[option].default
        with pytest.raises(ValueError, match=f"{option}='nonsense'") as error:
            jp.prune(x, t, **{option: "nonsense"})
        known = re.search(r"choose from (\[.*\])", str(error.value))
        assert known is not None
        aliases = {"corr", "kendall"} if option == "compare" else set()
        assert set(ast.literal_eval(known[1])) - aliases == set(values)


# --- Replacing the research script --------------------------------------------------


@pytest.fixture(scope="module")
def forward(names):
    """Rank, scores and forward scores of the number-neurons script."""
    x, t = names["features"], names["target"]
    scores = scripts.number_neurons_scores(x, t)
    full = scripts.number_neurons_fit(x, t)
    rank = scripts.number_neurons_rank(full, scores)
    return full, scores, scripts.number_neurons_select_forward(x, t, rank)


def test_number_neurons(names, forward):
    full, scores, curve = forward
    result = names["result"]
    rank = scripts.number_neurons_rank(full, scores)
    np.testing.assert_array_equal(result.order, rank)
    np.testing.assert_allclose(result.curve[1:], curve, rtol=0, atol=1e-12)


def test_number_neurons_read_outs(names, forward):
    full, scores, curve = forward
    order = names["result"].order
    assert np.isnan(curve).any()  # so that the two read-outs differ
    first = scripts.number_neurons_read_out(order, curve)
    np.testing.assert_array_equal(names["first_nan"], first)
    short = scripts.number_neurons_read_out(order, np.nan_to_num(curve, nan=-1))
    np.testing.assert_array_equal(names["two_short"], short)
    back = scripts.number_neurons_rank_read_back(full, scores)
    np.testing.assert_array_equal(names["reversed_order"], back)
    x, t = names["features"], names["target"]
    np.testing.assert_allclose(
        names["reversed_curve"],
        scripts.number_neurons_select_forward(x, t, back),
        rtol=0,
        atol=1e-12,
    )


def test_pruning_2oi(names):
    x, t = names["features"], names["target"]
    _, ascending = scripts.pruning_2oi_compute_feature_ranking(x, t)
    np.testing.assert_array_equal(names["squared"].order[::-1], ascending)
    r2s = scripts.pruning_2oi_compute_2oi(x, t, ascending[::-1])
    np.testing.assert_allclose(names["r2s"], r2s, rtol=0, atol=1e-12)
    assert names["n"] == np.argmax(r2s)
    kept = scripts.pruning_2oi_ret_features(ascending, np.argmax(r2s))
    np.testing.assert_array_equal(names["ret_features"], kept)


def test_percentage_of_zeros(names):
    x, poz = names["features"], names["poz"]
    np.testing.assert_allclose(poz, scripts.poz_get_apoz(x), atol=1e-15)
    np.testing.assert_allclose(
        names["poz_of_batches"], scripts.poz_get_apoz_batches(x, 10), atol=1e-15
    )
    # Ties at the cut are arbitrary in the script: compare the shares, not the units.
    np.testing.assert_array_equal(
        np.sort(poz[names["kept"]]), np.sort(poz[scripts.poz_keep(poz, 100)])
    )
    human = 1 - names["target"] / names["target"].max()
    expected = scripts.poz_fit(x[:, names["kept"]], human)
    assert names["fit"] == pytest.approx(expected, abs=1e-12)
