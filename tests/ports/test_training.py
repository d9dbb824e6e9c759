"""Training: PyTorch's steps, bit-equal resuming, and refusals."""

import csv
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune_ports.convert import torch_name
from jaxprune_ports.layers import batch_norm, conv, linear
from jaxprune_ports.network import LOGITS, Network
from jaxprune_ports.preprocessing import Preprocessing
from jaxprune_ports.training import (
    CIFAR,
    NUMEROSITY,
    Recipe,
    accuracy,
    loop,
    train,
    with_classes,
)
from jaxprune_ports.training.data import batches
from jaxprune_ports.training.step import network_of, optimiser, start, step
from tests.ports.parity import randomise
from tests.ports.torch_networks import MODULES

AS_IT_IS = Preprocessing(None, None)
QUICK = Recipe("bright", lr=0.01, momentum=0.9, batch_size=8, epochs=3)
QUICK = replace(QUICK, preprocessing=AS_IT_IS)


def problem(n=36, seed=0):
    """Three levels of brightness under noise."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 3)
    noise = rng.integers(0, 100, (n, 32, 32, 3))
    return (noise + 70 * labels[:, None, None, None]).astype(np.uint8), labels


def weights(net):
    flat = nnx.to_flat_state(nnx.state(net))
    return {torch_name(path): np.asarray(leaf[...]) for path, leaf in flat}


def assert_same(ours, theirs):
    ours, theirs = weights(ours), weights(theirs)
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


def scores(trained):
    return [
        (row.epoch, row.loss, row.accuracy, row.validation_accuracy)
        for row in trained.history
    ]


# Steps against PyTorch


def learn_both(module, net, recipe, size, n_steps):
    """Weights by name after some steps on noise, ours and PyTorch's."""
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    rng = np.random.default_rng(1)
    graph, learner = start(net, recipe)
    sgd = torch.optim.SGD(module.parameters(), recipe.lr, recipe.momentum)
    for _ in range(n_steps):
        x = rng.standard_normal((6, size, size, 3), np.float32)
        labels = rng.integers(0, 10, 6)
        learner, loss, _ = step(graph, optimiser(recipe), learner, x, labels)
        sgd.zero_grad()
        logits = module(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
        logits = logits[0] if isinstance(logits, tuple) else logits
        expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels))
        expected.backward()
        sgd.step()
        assert float(loss) == pytest.approx(expected.item(), rel=1e-5)
    theirs = {
        name.removeprefix("module."): value.detach().numpy()
        for name, value in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    return weights(network_of(net, learner)), theirs


def assert_close(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        mine = ours[name]
        if mine.ndim > 1:
            mine = np.moveaxis(np.moveaxis(mine, -1, 0), -1, 1)
        bound = 1e-5 * max(1.0, np.abs(value).max())
        np.testing.assert_allclose(mine, value, rtol=0, atol=bound, err_msg=name)


@pytest.mark.parametrize(
    ("name", "size", "momentum", "n_steps"),
    [
        ("lenet5", 32, 0.0, 1),
        ("lenet5", 32, 0.9, 5),
        ("student108", 32, 0.9, 5),
        ("cornet_z", 48, 0.0, 1),
    ],
)
def test_steps_are_those_of_pytorch(name, size, momentum, n_steps):
    module = randomise(MODULES[name](), 0)
    net = jpp.from_torch(name, module.state_dict())
    recipe = replace(QUICK, lr=0.01, momentum=momentum)
    assert_close(*learn_both(module, net, recipe, size, n_steps))


class Normed(Network):
    """Convolution, batch normalisation, and a linear layer."""

    layers = (LOGITS,)

    def __init__(self, rngs):
        self.conv = conv(3, 4, 3, bias=False, rngs=rngs)
        self.norm = batch_norm(4, rngs=rngs)
        self.linear = linear(4, 10, rngs=rngs)

    def forward(self, x):
        x = nnx.relu(self.norm(self.conv(x)))
        return {LOGITS: self.linear(x.mean((1, 2)))}


def test_batch_normalisation_is_that_of_pytorch():
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 4, 3, padding=1, bias=False)
            self.norm = torch.nn.BatchNorm2d(4)
            self.linear = torch.nn.Linear(4, 10)

        def forward(self, x):
            return self.linear(self.norm(self.conv(x)).relu().mean((2, 3)))

    net = Normed(nnx.Rngs(0))
    module = Module().train()
    theirs = {
        name: torch.from_numpy(value.transpose(FROM_FLAX[value.ndim]).copy())
        for name, value in weights(net).items()
    }
    module.load_state_dict(theirs, strict=False)
    ours, theirs = learn_both(module, net, QUICK, 16, 3)
    # PyTorch keeps the unbiased variance: see BATCH_NORM.
    n = 6 * 16 * 16
    kept = 0.9**3
    ours["norm.running_var"] = (ours["norm.running_var"] - kept) * n / (n - 1) + kept
    assert_close(ours, theirs)
    # Nothing of it stays behind in the network that began, nor in what is used.
    np.testing.assert_array_equal(weights(net)["norm.running_mean"], 0)
    assert net.norm.use_running_average


FROM_FLAX = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}


# Learning


def test_a_separable_problem_is_learned():
    images, labels = problem()
    recipe = replace(QUICK, epochs=12)
    validation = problem(12, seed=1)
    net = jpp.create("lenet5", 0)
    before = weights(net)
    trained = train(net, images, labels, recipe=recipe, validation=validation)
    first, last = trained.history[0], trained.history[-1]
    assert last.loss < 0.3 < 0.9 < first.loss
    assert last.accuracy > 0.9
    assert last.validation_accuracy == accuracy(trained.net, *validation, recipe) > 0.9
    assert trained.best_epoch <= 12
    # A new head, because there are three classes; the network given stays as it is.
    assert trained.net.fc3.bias.shape == (3,)
    assert str(trained.net.source) == "bright, epoch 12, from untrained, seed 0"
    for name, value in weights(net).items():
        np.testing.assert_array_equal(value, before[name])


def test_seed_decides():
    images, labels = problem(12)
    recipe = replace(QUICK, epochs=1)
    net = jpp.create("lenet5", 0, n_classes=3)
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


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_resumed_is_bit_equal(tmp_path, momentum):
    images, labels = problem(20)
    recipe = replace(QUICK, momentum=momentum)
    options = {"recipe": recipe, "validation": problem(9, seed=1)}
    net = jpp.create("lenet5", 0)
    whole = train(net, images, labels, **options)
    out = tmp_path / "run"
    options["recipe"] = replace(recipe, epochs=1)
    train(net, images, labels, **options, out=out)
    options["recipe"] = recipe
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


def test_ctrl_c_keeps_finished_epochs(tmp_path, monkeypatch):
    images, labels = problem(16)
    net = jpp.create("lenet5", 0, n_classes=3)
    whole = train(net, images, labels, recipe=QUICK)
    done = []

    def interrupted(*args):
        done.append(args)
        if len(done) == 4:  # the last step of the second epoch
            raise KeyboardInterrupt
        return step(*args)

    monkeypatch.setattr(loop, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(net, images, labels, recipe=QUICK, out=tmp_path)
    monkeypatch.undo()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["epoch_001", "history.csv"]
    # A kill while saving leaves a draft, which is of no use.
    (tmp_path / ".epoch_002").mkdir()
    rest = train(net, images, labels, recipe=QUICK, out=tmp_path)
    assert rest.resumed == 1
    assert_same(rest.net, whole.net)
    assert not (tmp_path / ".epoch_002").exists()


def test_files(tmp_path):
    images, labels = problem(12)
    net = jpp.create("lenet5", 7, n_classes=3)
    # Right from the first epoch on, and never better.
    validation = images[labels == 0][:1], np.array([0])
    recipe = replace(QUICK, lr=1e-9, epochs=4)
    options = {"recipe": recipe, "validation": validation}
    trained = train(net, images, labels, **options, out=tmp_path / "few")
    kept = sorted(path.name for path in (tmp_path / "few").iterdir())
    assert trained.best_epoch == 1
    assert kept == ["epoch_001", "epoch_004", "history.csv"]
    with (tmp_path / "few" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == [r.loss for r in trained.history]
    assert jpp.load(trained.folder).source.training == "bright, epoch 4"
    train(net, images, labels, **options, out=tmp_path / "all", keep_all=True)
    assert len(list((tmp_path / "all").glob("epoch_*"))) == 4


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"recipe": replace(QUICK, lr=0.5)}, "differs in lr;"),
        ({"recipe": replace(QUICK, preprocessing=CIFAR.preprocessing)}, "preproc"),
        ({"seed": 1}, "differs in seed;"),
        ({"validation": problem(6)}, "differs in validation;"),
        ({"labels": problem(12, seed=3)[1]}, "differs in images;"),
        ({"net": jpp.create("lenet5", 1, n_classes=3)}, "differs in initial weights;"),
        ({"recipe": replace(QUICK, epochs=1)}, "expected 3 or more.*got 1"),
    ],
)
def test_another_training_is_refused(finished, changes, named):
    with pytest.raises(ValueError, match=named):
        train(**{**finished, **changes})


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    images, labels = problem(12)
    options = {
        "net": jpp.create("lenet5", 0, n_classes=3),
        "images": images,
        "labels": labels,
        "recipe": QUICK,
        "out": tmp_path_factory.mktemp("finished"),
    }
    train(**options)
    return options


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds no training"):
        train(jpp.create("lenet5"), *problem(6), recipe=QUICK, out=tmp_path)


# Input


def test_divergence_names_the_rate():
    recipe = replace(QUICK, lr=1e6)
    with pytest.raises(ValueError, match=r"lr: the loss became nan.*below 1e\+06"):
        train(jpp.create("lenet5"), *problem(), recipe=recipe)


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
def test_images_and_labels(images, labels, message):
    with pytest.raises(ValueError, match=message):
        train(jpp.create("lenet5"), images, labels, recipe=QUICK)


def test_validation_has_the_same_classes():
    validation = np.zeros((1, 32, 32), np.uint8), np.array([3])
    with pytest.raises(ValueError, match="validation: expected labels from 0 to 2"):
        train(jpp.create("lenet5"), *problem(6), recipe=QUICK, validation=validation)


def test_new_classes_leave_the_rest():
    net = jpp.create("cornet_z", 0)
    new = with_classes(net, 10, seed=4)
    ours, theirs = weights(new), weights(net)
    assert ours["decoder.linear.weight"].shape == (512, 10)
    assert 0.9 * 512**-0.5 < np.abs(ours["decoder.linear.weight"]).max() < 512**-0.5
    for name in ours.keys() - {"decoder.linear.weight", "decoder.linear.bias"}:
        np.testing.assert_array_equal(ours[name], theirs[name])
    assert_same(new, with_classes(net, 10, seed=4))
    assert new(jnp.zeros((1, 32, 32, 3)))[0].shape == (1, 10)


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
    "wrong", [{"lr": 0}, {"momentum": 1}, {"flip": 2}, {"epochs": 0}, {"batch_size": 0}]
)
def test_recipes_are_checked(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: expected"):
        Recipe("x", **wrong)
