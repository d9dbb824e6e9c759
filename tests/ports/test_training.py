"""Training: what is learned, bit-equal resuming, and refusals."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune.cli.commands import train as train_command
from jaxprune.cli.options import Parser
from jaxprune_ports.images.steps import Preprocessing
from jaxprune_ports.networks.network import LOGITS
from jaxprune_ports.training import (
    CIFAR,
    NUMEROSITY,
    Recipe,
    accuracy,
    epoch,
    loop,
    train,
    with_classes,
)
from jaxprune_ports.training.data import batches
from jaxprune_ports.training.step import step
from tests.ports.parity import weights_of

AS_IT_IS = Preprocessing(None, None)
QUICK = Recipe("bright", lr=0.01, momentum=0.9, batch_size=8, epochs=3)
QUICK = replace(QUICK, preprocessing=AS_IT_IS)


def problem(n=24, seed=0):
    """Three levels of brightness under noise."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 3)
    noise = rng.integers(0, 100, (n, 32, 32, 3))
    return (noise + 70 * labels[:, None, None, None]).astype(np.uint8), labels


@pytest.fixture(scope="module")
def net():
    """LeNet-5 of three classes; `create` would compile for seconds."""
    rng = np.random.default_rng(0)
    shapes = {
        "conv1": (6, 3, 5, 5),
        "conv2": (16, 6, 5, 5),
        "fc1": (120, 400),
        "fc2": (84, 120),
        "fc3": (3, 84),
    }
    weights = {}
    for name, shape in shapes.items():
        bound = np.prod(shape[1:]) ** -0.5
        weights[f"{name}.weight"] = rng.uniform(-bound, bound, shape)
        weights[f"{name}.bias"] = rng.uniform(-bound, bound, shape[0])
    return jpp.from_torch("lenet5", weights)


def assert_same(ours, theirs):
    ours, theirs = weights_of(ours), weights_of(theirs)
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


def scores(trained):
    return [
        (row.epoch, row.loss, row.accuracy, row.validation_accuracy)
        for row in trained.history
    ]


# Learning


def test_a_separable_problem_is_learned(net):
    images, labels = problem(48)
    recipe = replace(QUICK, epochs=12)
    validation = problem(16, seed=1)
    before = weights_of(net)
    trained = train(net, images, labels, recipe=recipe, validation=validation)
    first, last = trained.history[0], trained.history[-1]
    assert last.loss < 0.3 < 0.9 < first.loss
    assert last.accuracy > 0.9
    assert last.validation_accuracy == accuracy(trained.net, *validation, recipe) > 0.9
    assert trained.best_epoch <= 12
    # The network given stays as it is.
    training = f"bright, epoch 12, validation accuracy {last.validation_accuracy:.3f}"
    assert str(trained.net.source) == f"{training}, from arrays in memory"
    for name, value in weights_of(net).items():
        np.testing.assert_array_equal(value, before[name])


def test_seed_decides(net):
    images, labels = problem()
    recipe = replace(QUICK, epochs=1)
    one, again, other = (
        train(net, images, labels, recipe=recipe, seed=seed) for seed in (0, 0, 1)
    )
    assert_same(one.net, again.net)
    assert scores(one) == scores(again) != scores(other)


def test_an_epoch_shows_every_image_once_and_mirrors_some():
    images = np.arange(40, dtype=np.uint8)[:, None, None] + np.zeros((1, 4), np.uint8)
    images = images + np.array([0, 0, 0, 100], np.uint8)
    steps = Preprocessing(None, None, scale=1, mean=(0, 0, 0), std=(1, 1, 1))
    recipe = replace(QUICK, batch_size=16, preprocessing=steps)
    found = list(batches(images, np.arange(40), recipe, 0, 1))
    assert [len(x) for x, _ in found] == [16, 16, 8]
    x, order = (np.concatenate(parts) for parts in zip(*found, strict=True))
    assert sorted(order) == list(range(40))
    np.testing.assert_array_equal(x.min((1, 2, 3)), order)
    mirrored = x[:, 0, 0, 0] > x[:, 0, -1, 0]
    assert 8 < mirrored.sum() < 32
    _, second = zip(*batches(images, np.arange(40), recipe, 0, 2), strict=True)
    assert (np.concatenate(second) != order).any()


# Checkpoints


def test_resumed_is_bit_equal(tmp_path, net):
    images, labels = problem(20)
    options = {"recipe": QUICK, "validation": problem(9, seed=1)}
    whole = train(net, images, labels, **options)
    out = tmp_path / "run"
    options["recipe"] = replace(QUICK, epochs=1)
    train(net, images, labels, **options, out=out)
    options["recipe"] = QUICK
    rest = train(net, images, labels, **options, out=out)
    assert rest.resumed == 1
    assert scores(rest) == scores(whole)
    assert_same(rest.net, whole.net)
    assert rest.folder == out / "epoch_003"
    assert_same(jpp.load(rest.folder), whole.net)
    # Nothing is left to do.
    again = train(net, images, labels, **options, out=out)
    assert (again.resumed, again.history) == (3, rest.history)
    assert_same(again.net, whole.net)


def test_ctrl_c_keeps_finished_epochs(tmp_path, net, monkeypatch):
    images, labels = problem(16)
    # The rate depends on the number of steps done, too.
    recipe = replace(QUICK, decay=True)
    whole = train(net, images, labels, recipe=recipe)
    done = []

    def interrupted(*args):
        done.append(args)
        if len(done) == 4:  # the last step of the second epoch
            raise KeyboardInterrupt
        return step(*args)

    monkeypatch.setattr(epoch, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(net, images, labels, recipe=recipe, out=tmp_path)
    monkeypatch.undo()
    assert names_in(tmp_path) == ["epoch_001", "history.csv"]
    # A kill while saving leaves a draft, which is of no use.
    (tmp_path / ".epoch_002").mkdir()
    with pytest.raises(ValueError, match="differs in epochs;"):
        train(net, images, labels, recipe=replace(recipe, epochs=5), out=tmp_path)
    rest = train(net, images, labels, recipe=recipe, out=tmp_path)
    assert rest.resumed == 1
    assert_same(rest.net, whole.net)
    assert not (tmp_path / ".epoch_002").exists()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_last_and_best_are_kept(tmp_path, net, monkeypatch):
    tested = iter([0.5, 0.9, 0.9, 0.7])
    monkeypatch.setattr(loop, "accuracy", lambda *args: next(tested))
    # No momentum, so that the optimiser has nothing to save.
    recipe = replace(QUICK, momentum=0.0, epochs=4)
    options = {"recipe": recipe, "validation": problem(8), "out": tmp_path}
    trained = train(net, *problem(16), **options)
    assert trained.best_epoch == 2
    assert names_in(tmp_path) == ["epoch_002", "epoch_004", "history.csv"]
    with (tmp_path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == [r.loss for r in trained.history]
    assert [row["validation_accuracy"] for row in rows] == ["0.5", "0.9", "0.9", "0.7"]
    training = jpp.load(trained.folder).source.training
    assert training == "bright, epoch 4, validation accuracy 0.700"
    assert_same(train(net, *problem(16), **options).net, trained.net)


def test_all_are_kept_where_asked_for(tmp_path, net):
    recipe = replace(QUICK, epochs=2)
    train(net, *problem(8), recipe=recipe, out=tmp_path, keep_all=True)
    assert names_in(tmp_path) == ["epoch_001", "epoch_002", "history.csv"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"recipe": replace(QUICK, lr=0.5)}, "differs in lr;"),
        ({"recipe": replace(QUICK, preprocessing=CIFAR.preprocessing)}, "preproc"),
        ({"seed": 1}, "differs in seed;"),
        ({"validation": problem(6)}, "differs in validation;"),
        ({"labels": problem(8, seed=3)[1]}, "differs in images;"),
        ({"recipe": replace(QUICK, epochs=1)}, "expected 2 or more.*got 1"),
    ],
)
def test_another_training_is_refused(finished, changes, named):
    with pytest.raises(ValueError, match=named):
        train(**{**finished, **changes})


def test_other_weights_are_refused(finished):
    other = with_classes(finished["net"], 3, seed=1)
    with pytest.raises(ValueError, match="differs in initial weights;"):
        train(**{**finished, "net": other})


@pytest.fixture(scope="module")
def finished(tmp_path_factory, net):
    images, labels = problem(8)
    options = {
        "net": net,
        "images": images,
        "labels": labels,
        "recipe": replace(QUICK, epochs=2),
        "out": tmp_path_factory.mktemp("finished"),
    }
    train(**options)
    return options


def test_a_folder_of_something_else_is_refused(tmp_path, net):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds no training"):
        train(net, *problem(6), recipe=QUICK, out=tmp_path)


# Input


def test_divergence_names_the_rate(net):
    net = nnx.clone(net)
    net.fc3.kernel[...] = np.full((84, 3), np.inf, np.float32)
    with pytest.raises(ValueError, match=r"lr: the loss became nan.*below 0\.01"):
        train(net, *problem(), recipe=QUICK)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 32, 32)), np.arange(2), "images: expected uint8"),
        (np.zeros((2, 32, 32), np.uint8), np.arange(3), "one integer for each of 2"),
        (
            np.zeros((2, 32, 32), np.uint8),
            np.array([0, 2]),
            r"without holes, got \[0, 2",
        ),
    ],
)
def test_images_and_labels(net, images, labels, message):
    with pytest.raises(ValueError, match=message):
        train(net, images, labels, recipe=QUICK)


def test_validation_has_the_same_classes(net):
    validation = np.zeros((1, 32, 32), np.uint8), np.array([3])
    with pytest.raises(ValueError, match="validation: expected labels from 0 to 2"):
        train(net, *problem(6), recipe=QUICK, validation=validation)


def test_new_classes_leave_the_rest(weights):
    net = jpp.from_torch("cornet_z", weights)
    new = with_classes(net, 10, seed=4)
    ours, theirs = weights_of(new), weights_of(net)
    assert ours["decoder.linear.weight"].shape == (512, 10)
    assert 0.9 * 512**-0.5 < np.abs(ours["decoder.linear.weight"]).max() < 512**-0.5
    for name in ours.keys() - {"decoder.linear.weight", "decoder.linear.bias"}:
        np.testing.assert_array_equal(ours[name], theirs[name])
    assert_same(new, with_classes(net, 10, seed=4))


def test_other_classes_get_a_new_head(net):
    images, labels = problem(8)
    recipe = replace(QUICK, epochs=1)
    trained = train(net, images, labels % 2, recipe=recipe)
    assert trained.net.fc3.bias.shape == (2,)


def test_a_missing_head_is_made_and_other_parts_are_missed(weights):
    trunk = {key: value for key, value in weights.items() if key[0] != "d"}
    net = jpp.from_torch("cornet_z", trunk, partial=True)
    assert LOGITS not in net.layers
    assert with_classes(net, 10).missing == ()
    del trunk["V1.conv.bias"]
    net = jpp.from_torch("cornet_z", trunk, partial=True)
    with pytest.raises(ValueError, match=r"lacks 3 weights.*V1\.conv\.bias"):
        train(net, *problem(6), recipe=QUICK)


def test_published_recipes():
    assert (NUMEROSITY.lr, NUMEROSITY.momentum, NUMEROSITY.batch_size) == (1e-3, 0, 32)
    assert (NUMEROSITY.epochs, NUMEROSITY.flip) == (100, 0.5)
    x = NUMEROSITY.preprocessing(np.full((1, 200, 200), 255, np.uint8))
    assert x.shape == (1, 300, 300, 3)
    assert (x == 1).all()
    assert (CIFAR.lr, CIFAR.momentum, CIFAR.batch_size) == (1e-3, 0.9, 4)
    assert (CIFAR.epochs, CIFAR.flip) == (2, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"lr": lr} for lr in (0, np.nan, np.inf, "1")),
        *({"momentum": 1}, {"momentum": np.nan}, {"flip": 2}, {"flip": np.nan}),
        *({"epochs": 0}, {"epochs": np.nan}, {"batch_size": 0}, {"batch_size": 2.5}),
    ],
)
def test_recipes_are_checked(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: expected"):
        Recipe("x", **wrong)


# The command


def command(*options):
    parser = Parser(prog="jaxprune")
    train_command.add(parser.add_subparsers())
    args = parser.parse_args(["train", *map(str, options)])
    return args.run(args)


@pytest.mark.slow
def test_command_goes_on_from_given_weights(tmp_path, net, capsys):
    start = jpp.save(net, tmp_path / "start")
    small = ("--size", 32, "--images-per-class", 25, "--epochs", 1)
    options = ("lenet5", "--weights", start, "--out", tmp_path / "run", *small)
    assert command(*options) == 0
    text = capsys.readouterr().out
    assert "numerosity: trained further" in text
    assert "250 to learn from, 250 others for validation" in text
    assert all(len(line) <= 80 or str(tmp_path) in line for line in text.splitlines())
    trained = jpp.load(tmp_path / "run" / "epoch_001")
    assert trained.source.training.startswith("numerosity, epoch 1, validation")
    assert trained.fc3.bias.shape == (10,)
    with pytest.raises(ValueError, match="holds lenet5, expected cornet_z"):
        command("cornet_z", *options[1:])
    with pytest.raises(ValueError, match="--images-per-class: .* multiple of 25"):
        command(*options, "--images-per-class", 30)


def test_command_checks_its_place_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    monkeypatch.setattr(train_command, "_start", pytest.fail)
    for out, match in (
        (tmp_path / "file", "file is a file; expected a folder"),
        (tmp_path / "file" / "run", r"cannot be written \(Not a directory\)"),
        (tmp_path / "full", "is not empty, and holds no training"),
        ("", "a path is empty"),
    ):
        with pytest.raises((ValueError, OSError), match=match):
            command("lenet5", "--out", out)
    with pytest.raises(ValueError, match="seed=-1: expected a whole number"):
        command("lenet5", "--out", tmp_path / "new", "--seed", -1)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "full"}


def test_a_training_that_fails_leaves_nothing(tmp_path, net):
    images, labels = problem()
    wild = replace(QUICK, lr=1e30)
    with pytest.raises(ValueError, match="loss"):
        train(net, images, labels, recipe=wild, out=tmp_path / "new" / "run")
    assert not (tmp_path / "new").exists()
