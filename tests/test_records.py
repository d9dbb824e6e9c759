"""How results print: a few plain lines, and in notebooks a table with a picture."""

import dataclasses
import importlib
import inspect
import pkgutil
import sys
import types
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest
import tqdm

import jaxprune
from jaxprune.base.progress import progress_bar
from jaxprune.heatmaps import HeatMap
from jaxprune.inference import (
    Bootstrap,
    CrossValidation,
    Difference,
    Estimate,
    MethodScores,
    ModelRecovery,
    NoiseCeiling,
    Overlap,
    PairedTests,
    PermutationTest,
    PublishedTest,
    RandomOrders,
    RandomSubsets,
    Rate,
    Stability,
    TargetComparison,
)
from jaxprune.numerosity.weber import Line
from jaxprune.plots.record import Record
from jaxprune.results import Importance, Pruning, Reintroduction, Settings, Shapley
from jaxprune.reweighting import NestedScores, Reweighting
from jaxprune.studies.framework.found import Found, Measured

HERE = {"dtype": "float64", "device": "cpu", "settings": Settings()}
IMPORTANCE = np.array([0.01, np.nan, -0.02, 0.03])
CURVE = np.array([np.nan, 0.25, 0.5, 0.125])
SIZES = np.arange(1, 5)
PRUNING = Pruning(
    full_score=0.125,
    importance=IMPORTANCE,
    order=np.array([1, 3, 0, 2]),
    curve=CURVE,
    sizes=SIZES,
    best_size=3,
    best_score=0.5,
    retained=np.array([0, 1, 3]),
    target_rdm=np.arange(6.0),
    full_rdm=np.arange(6.0),
    pruned_rdm=np.arange(6.0),
    paths={"importance": "closed_form", "reintroduction": "prefix"},
    **HERE,
)
SCORES = np.array([0.1, 0.2, 0.4])
FOLDS = CrossValidation(
    full=SCORES,
    pruned=SCORES + np.array([0.1, 0.2, 0.3]),
    train_full=SCORES,
    train_pruned=SCORES + 0.5,
    sizes=np.array([2, 3, 2]),
    retained=(np.array([0, 1]), np.array([0, 1, 3]), np.array([1, 2])),
    held_out=(np.array([0]), np.array([1]), np.array([2])),
    names=("0", "1", "2"),
    repeats=np.zeros(3, int),
    subjects=None,
    ceiling_lower=None,
    ceiling_upper=None,
    over="conditions",
    n_conditions=4,
    n_units=4,
)
PAIRS = {"full": SCORES, "pruned": SCORES + 0.1}

SHOWN = [
    (
        PRUNING,
        """\
Pruning: 3 of 4 units (75.0%) kept
all units     score 0.125
kept          score 0.500, biased upwards: chosen on these data
layer         4 conditions x 4 units
target        one RDM
undefined     1 unit, ranked first: no score without
score         correlation RDMs, pearson
path          closed_form, float64 on cpu
next          .plot(), .save(folder), jaxprune.inference.cross_validate(...)""",
    ),
    (
        Importance(0.5, IMPORTANCE, IMPORTANCE, "downdate", **HERE),
        """\
Importance: what the fit loses without each of 4 units
all units     score 0.500
importance    0.01, undefined, -0.02, 0.03
score         correlation RDMs, pearson
path          downdate, float64 on cpu
next          jaxprune.reintroduce(features, target, order), or .prune(...)""",
    ),
    (
        Shapley(SCORES, SCORES / 100, 64, False, 0.7, 0, **HERE),
        """\
Shapley: what each of 3 units adds to those before it, on average
all units     score 0.700, the sum of the values
values        0.1, 0.2, 0.4
errors        at most 0.004, above the tolerance: give more orders
orders        64, seed 0
score         correlation RDMs, pearson
path          float64 on cpu
next          jaxprune.prune(features, target, importance='shapley')""",
    ),
    (
        Reintroduction(CURVE, SIZES, SIZES - 1, 3, 0.5, "prefix", **HERE),
        """\
Reintroduction: scores of the first of 4 units, in a given order
best score    0.500, biased upwards: chosen on these data
best size     3 of 4 units (75.0%)
largest size  4 units, score 0.125
sizes         4 scored
score         correlation RDMs, pearson
path          prefix, float64 on cpu
next          .order[:.best_size], the units of the best size""",
    ),
    (
        PermutationTest(
            0.1,
            0.5,
            0.4,
            3,
            0.25,
            0.5,
            0.75,
            3,
            7,
            SCORES,
            SCORES,
            SCORES,
            SIZES[:3],
            Settings(),
        ),
        """\
PermutationTest: the pruning, and 3 for targets with conditions permuted
pruned        0.500, p = .250; permuted: median 0.200
all units     0.100, p = .750; permuted: median 0.200
gain          0.400, p = .500; permuted: median 0.200
units kept    3
score         correlation RDMs, pearson
seed          7
next          jaxprune.inference.cross_validate(...), for other conditions""",
    ),
    (
        RandomSubsets(2, 3, 0, SCORES, 0, 0.25, 0.125, 0.5, 0.25),
        """\
RandomSubsets: scores of 3 random sets of 2 units
random sets   mean 0.250, SD 0.125
95 %          0.105, 0.39
observed      0.500, p = .250
seed          0
next          jaxprune.inference.permutation_test(...)""",
    ),
    (
        RandomOrders(np.array([CURVE, CURVE]), SIZES, 0, "float64", Settings()),
        """\
RandomOrders: curves of 2 random orders of units
sizes         1, 2, 3, 4
best scores   0.500 (median of 2, 0.500 to 0.500)
score         correlation RDMs, pearson
path          float64, seed 0
next          .p_value(curve), .pointwise(curve), .band(.95)""",
    ),
    (
        TargetComparison(
            ("IT", "V1"),
            (4, 1),
            4,
            SCORES[:2],
            SCORES[:2] + 0.5,
            (np.array([0, 1]), np.array([1, 2, 3])),
            np.stack([np.eye(3)[:, :2] / k for k in (2, 4, 8)]),
            0.5,
            {(0, 1): np.array([0.2, 0.5, 0.9])},
            {(0, 1): True},
        ),
        """\
TargetComparison: units retained for IT, V1
IT            2 of 4 units, score 0.600 (all units 0.100), 4 RDMs
V1            3 of 4 units, score 0.700 (all units 0.200), 1 RDM
pair          IT and V1: overlap 0.50 (chance 0.75), subjects swapped p = .333,
              specificity 0.292 on held-out conditions
next          .overlap(i, j), .specificity(i, j), .p_value(i, j)""",
    ),
    (
        Stability(np.array([0.5, 1.0, 0.0]), np.array([1]), 0.5, 0.6, 0.25),
        """\
Stability: Agreement of k sets of the N units of a layer
overlap       0.500, by chance 0.600
Jaccard       0.250
always        1 of 3 units
ever          2
next          .always, their indices; .frequency, of every unit""",
    ),
    (
        PairedTests(
            ("V1", "IT"),
            SCORES[:2],
            SCORES[:2],
            np.array([0.03, 0.04]),
            np.array([0.06, 0.04]),
            np.array([False, True]),
            8,
            "signed_rank",
            "two-sided",
            0.05,
        ),
        """\
PairedTests: signed rank tests over 8 subjects
V1            +0.100, p = .030, q = .060
IT            +0.200, p = .040, q = .040
significant   1 of 2 layers, q <= 0.05, two-sided
next          .q, .significant, .difference, by layer""",
    ),
    (
        NoiseCeiling(0.5, 0.75, SCORES, SCORES, "pearson", np.ones(6, bool)),
        """\
NoiseCeiling: what the agreement of 3 RDMs allows a model to score
lower         0.500, each with the others' RDM
upper         0.750, each with the RDM of all
RDMs          0.1, 0.2, 0.4
pairs         6 of 6 in common
score         pearson
next          compare both with a model's mean score on the same pairs""",
    ),
    (
        ModelRecovery(
            ("V1", "IT"), ("full",), 0.8, np.arange(16.0).reshape(2, 2, 2, 1, 2)
        ),
        """\
ModelRecovery: 2 simulated targets of each of V1, IT
found by      share of targets whose own layer scored highest
full          0.50 in-sample, 0.50 held out
chance        0.50
reliability   0.8
next          .confusion(method), .rate(method)""",
    ),
    (
        Rate(0.5, 0.25, 0.75, 6),
        """\
Rate: Share of simulations in which the right layer was found
share         0.500 (95 %: 0.250 to 0.750)
simulations   6""",
    ),
    (
        Overlap(4, 3, 2, 10, 2 / 3, 0.4, 0.4, 1.2, 1 / 3),
        """\
Overlap: sets of 4 and 3 of 10 units
in common     2 units, 1.2 expected
coefficient   0.667, by chance 0.400
Jaccard       0.400
random sets   p = .333 of so many in common""",
    ),
    (
        Estimate(0.2, 0.05, 0.1, 0.3, 4.0, 9, 0.0016, 1),
        """\
Estimate: A mean, how well it is known, and whether it exceeds 0
mean          0.200, standard error 0.05
interval      0.100 to 0.300
above 0       t(9) = 4.00, p = .002
undefined     1 values left out""",
    ),
    (
        MethodScores(
            {"full": 0.25, "pruned": 0.5},
            {"full": 4, "pruned": 3},
            {},
            PAIRS,
            PAIRS,
            PRUNING,
            FOLDS,
            {"zeros": "no zeros"},
        ),
        """\
MethodScores: full, pruned, in 3 folds of conditions
full          0.233 held out, 0.250 in-sample, 4 units
pruned        0.333 held out, 0.500 in-sample, 3 units
pruned - full +0.100 (0.100 to 0.100), p < .001
zeros         left out: no zeros
score         correlation RDMs, pearson
next          .estimate(name, over=...), .pruning, .folds""",
    ),
    (
        FOLDS,
        """\
CrossValidation: units chosen on some conditions or subjects, scored on others
folds         3, of conditions
pruned        0.433 on others, 0.733 where units were chosen
all units     0.233 on others, 0.233 where units were chosen
gain          +0.200 (-0.151 to 0.551), p = .067
units kept    2 to 3 of 4
overlap       0.67, by chance 0.67
next          .estimate('pruned'), .stability, .rows()""",
    ),
    (
        PublishedTest(0.028, 0.01, 2.8, 39, 0.004),
        """\
PublishedTest: The test that went with the protocol of Tarigopula et al. (2023)
gain          +0.028, standard error 0.01
above 0       t(39) = 2.80, p = .004
note          folds taken for independent: p is too small
next          folds.estimate('gain'), the corrected test""",
    ),
    (
        Difference(0.1, 0.05, 0.0, 0.2, 2.0, 9, 0.08, 0.1),
        """\
Difference: By how much one score exceeds another
difference    +0.100, standard error 0.05
interval      0.000 to 0.200
from 0        t(9) = 2.00, p = .080, two-sided
bootstrap     p = .100, without Student's t""",
    ),
    (
        Bootstrap(
            ("full", "pruned"),
            SCORES[:2],
            SCORES[:2, None],
            np.array([[0.1, 0.2], [0.2, 0.3], [0.0, np.nan], [0.15, 0.2]]),
            None,
            None,
            "conditions",
            10,
            1,
            0.95,
        ),
        """\
Bootstrap: scores of 2 RDMs over resampled conditions
full          0.100 (-0.019 to 0.219)
pruned        0.200 (0.062 to 0.338)
intervals     95 %, Student's t
samples       4, 1 undefined
resampled     10 conditions, 1 subject
next          .difference(first, second), .interval('percentile')""",
    ),
    (
        Reweighting(SCORES, 0.5, 0.01, SCORES, SCORES, 0.75, "dot"),
        """\
Reweighting: weights of 3 units, form 'dot'
fitted        r 0.750, biased upwards: on the same pairs
weights       0.1, 0.2, 0.4; 0 are 0
penalty       0.01, of 3 tried
held out      r 0.400, that chose the penalty
next          .predict(features), reweighting.nested_scores(...)""",
    ),
    (
        NestedScores(SCORES, SCORES, SCORES),
        """\
NestedScores: Scores of reweighted RDMs, one for each fold
held out      0.233, mean over folds
train         0.233, biased upwards
folds         3
penalties     0.1, 0.2, 0.4""",
    ),
    (
        HeatMap(np.ones((2, 3, 4)) / 4, 0.5, np.zeros((3, 4, 2)), (24, 40), 16),
        """\
HeatMap: How much a score drops where an image is occluded
whole image   score 0.500
loss          (3, 4), 0.25 to 0.25
squares       24, 40 pixels, every 16
next          jaxprune.heatmaps.figure.heatmap_figure(...)""",
    ),
    (
        Line(0.1, 1.0, 0.5, 0.25, 12),
        """\
Line: Straight line through the sigmas
slope         0.1
intercept     1
r             0.5
p             0.25
n             12""",
    ),
    (
        Found(None, (Measured({"seed": 1}, {"r": 0.5, "x": np.ones((2, 9))}),), 1.5),
        """\
Found: 1 part of a study
parts about   seed
content       r, x
options       NoneType
time          1.5 s, parts done before not counted
next          .where(...), .groups(...); the study's .save(found, folder)""",
    ),
]


@pytest.mark.parametrize(("result", "text"), SHOWN, ids=lambda one: type(one).__name__)
def test_text(result, text):
    assert repr(result) == text
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) <= 11


@pytest.mark.parametrize("result", [result for result, _ in SHOWN])
def test_table_and_picture(result):
    html = result._repr_html_()
    root = ElementTree.fromstring(html)
    names = [head.text for head in root.iter("th")]
    assert names == [name for name, _ in result._facts()]
    draws = type(result)._draw is not Record._draw
    pictures = list(root.iter("{http://www.w3.org/2000/svg}svg"))
    assert len(pictures) == draws
    # The same picture again, in the colours of the page.
    assert result._repr_html_() == html
    if draws:
        assert "currentColor" in html
        assert "#010203" not in html


@pytest.mark.parametrize("k", [2, 9])
def test_several_targets(k):
    fields = {
        name: np.stack([getattr(PRUNING, name)] * k)
        for name in ("full_score", "importance", "order", "curve", "best_score")
    }
    size = np.arange(k) % 2 + 2
    result = dataclasses.replace(
        PRUNING, best_size=size, retained=[PRUNING.retained] * k, **fields
    )
    text = repr(result)
    assert f"2 to 3 of 4 units, for each of {k} targets kept" in text
    assert f"score 0.500 (median of {k}, 0.500 to 0.500)" in text
    assert "<svg" in result._repr_html_()


def test_controls_are_said():
    settings = Settings(controls=2)
    scores = {"plain_full_score": 0.25, "plain_best_score": 0.75}
    text = repr(dataclasses.replace(PRUNING, settings=settings, **scores))
    assert "controls      2 RDMs, taken out of target and layer\n" in text
    assert "without that  all units 0.250, kept 0.750\n" in text


def test_a_wide_layer_prints_in_as_many_lines():
    wide = Importance(0.5, np.zeros(200_704), np.zeros(200_704), "masked", **HERE)
    assert "importance    (200704,), 0 to 0\n" in repr(wide)
    assert len(wide._repr_html_()) < 50_000


def records():
    """Dataclasses with arrays in the packages of results."""
    folders = ("results", "inference", "reweighting", "numerosity", "heatmaps")
    for folder in folders:
        package = importlib.import_module(f"jaxprune.{folder}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            found = importlib.import_module(module.name)
            for _, one in inspect.getmembers(found, inspect.isclass):
                if dataclasses.is_dataclass(one) and one.__module__ == module.name:
                    yield one


def test_nothing_that_is_returned_is_a_wall_of_numbers():
    public = {
        name
        for folder in ("results", "inference", "reweighting", "numerosity", "heatmaps")
        for name in dir(importlib.import_module(f"jaxprune.{folder}"))
    }
    public |= set(jaxprune.__all__)
    left = [
        one.__name__
        for one in dict.fromkeys(records())
        if one.__name__ in public and one is not Settings
        if not issubclass(one, Record) or one.__repr__ is not Record.__repr__
    ]
    assert left == []


def test_bars_of_a_notebook_without_widgets(monkeypatch):
    for name in ("ipywidgets", "IPython", "IPython.html.widgets", "IPython.html"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("auto", "autonotebook", "notebook"):
        monkeypatch.delitem(sys.modules, f"tqdm.{name}", raising=False)
        # The package names the module that is imported here; afterwards the old one.
        if hasattr(tqdm, name):
            monkeypatch.setattr(tqdm, name, getattr(tqdm, name))
    shell = types.SimpleNamespace(config={"IPKernelApp": {}})
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bar = progress_bar(total=2, disable=True)
    assert type(bar).__module__ == "tqdm.asyncio"
