"""Networks of PyTorch by name: what a plain pass gives, in the file of the others."""

import tracemalloc

import h5py
import numpy as np
import pytest
from PIL import Image

import jaxprune_ports as jpp
from jaxprune.io import load_features
from jaxprune_ports.images.images import Images
from jaxprune_ports.modules.torchvision import _preprocessing
from jaxprune_ports.networks.network import Source

torch = pytest.importorskip("torch", reason="needs torch")
nn = torch.nn

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 50, 40, 3), np.uint8)
SMALL = jpp.Preprocessing(32, None)


def in_batches(function, x, size=2):
    """Sums are in another order for another size of batches."""
    x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    with torch.inference_mode():
        parts = [function(x[k : k + size]) for k in range(0, len(x), size)]
    return torch.cat(parts).flatten(1).numpy()


@pytest.fixture(scope="module")
def resnet(torchvision):
    return jpp.open_network("torchvision:resnet18", seed=1)


@pytest.fixture(scope="module")
def vit(torchvision):
    pytest.importorskip("timm", reason="needs timm")
    return jpp.open_network("timm:test_vit", seed=1, token="cls")


class Blocks(nn.Module):
    """Two blocks, the second of which is called twice, and what is no layer."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1)])
        self.places, self.unused = nn.MaxPool2d(2, return_indices=True), nn.ReLU()
        self.where = Where()

    def forward(self, x):
        x = self.blocks[1](self.blocks[1](self.blocks[0](x)))
        self.where(x)
        return self.places(x)[0]


class Where(nn.Module):
    def forward(self, x):
        return x.argmax(1)


@pytest.fixture
def blocks():
    torch.manual_seed(0)
    return jpp.TorchNetwork(Blocks(), "module:blocks", jpp.Preprocessing(8, None))


# --- The same as a plain pass ---------------------------------------------------------


def test_resnet(resnet):
    found = jpp.extract(
        resnet, IMAGES, layers=["layer[12]", "fc"], preprocessing=SMALL, batch_size=2
    )
    assert found.shapes == {
        "layer1": (64, 8, 8),
        "layer2": (128, 4, 4),
        "fc": (1000,),
    }
    module, x = resnet.module.eval(), SMALL(IMAGES)
    stem = nn.Sequential(module.conv1, module.bn1, module.relu, module.maxpool)
    first = nn.Sequential(stem, module.layer1)
    for layer, function in {
        "layer1": first,
        "layer2": nn.Sequential(first, module.layer2),
        "fc": module,
    }.items():
        np.testing.assert_array_equal(found.features[layer], in_batches(function, x))


def test_vision_transformer(vit):
    layers = ["blocks.*", "norm", "head"]
    found = jpp.extract(vit, IMAGES, layers=layers, batch_size=2)
    names = [f"blocks.{k}" for k in range(len(vit.module.blocks))]
    assert list(found.features) == [*names, "norm", "head"]
    module, x = vit.module.eval(), vit.preprocessing(IMAGES)
    expected = in_batches(lambda b: module.forward_features(b)[:, 0], x)
    np.testing.assert_array_equal(found.features["norm"], expected)
    np.testing.assert_array_equal(found.features["head"], in_batches(module, x))
    last = in_batches(
        lambda b: module.forward_intermediates(
            b,
            indices=1,
            norm=False,
            return_prefix_tokens=True,
            output_fmt="NLC",
            intermediates_only=True,
        )[0][1][:, 0],
        x,
    )
    np.testing.assert_array_equal(found.features[names[-1]], last)


def test_preprocessing_is_the_source_s_own(torchvision, vit):
    from timm.data import create_transform, resolve_model_data_config

    image = Image.fromarray(IMAGES[0]).resize((300, 240))
    theirs = create_transform(**resolve_model_data_config(vit.module))(image)
    ours = vit.preprocessing([image])[0]
    np.testing.assert_array_equal(np.moveaxis(ours, -1, 0), theirs)
    assert vit.preprocessing.interpolation == "bicubic"
    models, names = torchvision.models, ["resnet18", "vit_b_16", "efficientnet_b1"]
    for published in map(models.get_model_weights, names):
        for weights in published:
            digits = weights.url.rpartition("-")[2].removesuffix(".pth")
            steps = _preprocessing(published, Source("x", digits))
            expected = weights.transforms()(image)
            np.testing.assert_array_equal(
                np.moveaxis(steps([image])[0], -1, 0), expected
            )


# --- Weights, precision, tokens -------------------------------------------------------


def test_weights_of_a_file(resnet, tmp_path):
    path = tmp_path / "resnet18.pth"
    state = {f"module.{k}": v for k, v in resnet.module.state_dict().items()}
    # Trained on seven classes.
    state |= {"module.fc.weight": torch.ones(7, 512), "module.fc.bias": torch.zeros(7)}
    torch.save({"state_dict": state}, path)
    net = jpp.open_network("torchvision:resnet18", path)
    assert net.module.fc.out_features == 7
    for key, values in net.module.state_dict().items():
        np.testing.assert_array_equal(values, state[f"module.{key}"])
    assert net.source.file == "resnet18.pth"
    assert len(net.source.sha256) == 64
    del state["module.bn1.weight"]
    torch.save(state | {"extra": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match="does not fit torchvision:resnet18") as error:
        jpp.open_network("torchvision:resnet18", path)
    assert "missing: bn1.weight (64,)" in str(error.value)
    assert "unexpected: extra (2,)" in str(error.value)


def test_seeds_decide(vit):
    again = jpp.open_network("timm:test_vit", seed=1)
    other = jpp.open_network("timm:test_vit", seed=2)
    key = "blocks.0.attn.qkv.weight"
    of = lambda net: dict(net.named_weights())[key]  # noqa: E731
    np.testing.assert_array_equal(of(again), of(vit))
    assert (of(other) != of(vit)).any()


def test_half_precision_is_named(tmp_path):
    half = jpp.TorchNetwork(Blocks().to(torch.bfloat16), "half", SMALL, device="cpu")
    found = jpp.extract(half, IMAGES, layers=["blocks.0"], out=tmp_path / "x.h5")
    assert found.computed == half.computed == "bfloat16 on cpu"
    with h5py.File(tmp_path / "x.h5") as file:
        assert file.attrs["computed"] == "bfloat16 on cpu"
    with torch.inference_mode():
        x = torch.from_numpy(np.moveaxis(SMALL(IMAGES), -1, 1)).to(torch.bfloat16)
        expected = half.module.blocks[0](x).float().flatten(1).numpy()
    np.testing.assert_array_equal(found.features["blocks.0"], expected)


def test_tokens(vit):
    x = vit.preprocessing(IMAGES[:2])
    whole = in_batches(vit.module.forward_features, x).reshape(
        2, -1, vit.module.embed_dim
    )
    for token, expected in {
        "mean": whole.mean(1),
        "last": whole[:, -1],
        "all": whole.reshape(2, -1),
    }.items():
        net = jpp.TorchNetwork(vit.module, preprocessing=vit.preprocessing, token=token)
        found = jpp.activations(net, IMAGES[:2], ["norm"])["norm"]
        np.testing.assert_allclose(found, expected, atol=1e-6)


# --- Long runs ------------------------------------------------------------------------


def broken_at(stop):
    """Images, of which one interrupts the run."""

    def read(i):
        if i == stop:
            raise KeyboardInterrupt
        return IMAGES[i]

    return Images("here", tuple(map(str, range(5))), None, None, read)


def test_interrupted_runs_go_on(blocks, tmp_path, monkeypatch):
    monkeypatch.setattr(Images, "stamp", lambda self, i: "")
    conditions, out = ["a", "b", "a", "b", "b"], tmp_path / "x.h5"
    options = {"moments": True, "whole": True, "out": out, "batch_size": 2}
    layers = ["blocks.*"]
    with pytest.raises(KeyboardInterrupt):
        jpp.extract(blocks, broken_at(4), conditions, layers, **options)
    assert not out.exists()
    found = jpp.extract(blocks, broken_at(None), conditions, layers, **options)
    assert found.resumed == 2  # the batch that was computed last is lost
    plain = jpp.extract(blocks, IMAGES, conditions, layers, batch_size=2, moments=True)
    assert list(plain.features) == ["blocks.0", "blocks.1", "blocks.1@2"]
    with h5py.File(out) as file:
        for layer, values in plain.features.items():
            np.testing.assert_array_equal(file[layer], values)
            np.testing.assert_array_equal(file[f"moments/{layer}"], plain.m2[layer])
            assert file[layer].attrs["shape"].tolist() == [4, 6, 6]
            rows = file[f"activations/{layer}"][()]
            assert len(rows) == 5
            np.testing.assert_allclose(rows[[0, 2]].mean(0), values[0], atol=1e-6)
    assert load_features(out, "blocks.1@2").labels == ("a", "b")
    # Of other weights nothing is taken up.
    with pytest.raises(KeyboardInterrupt):
        jpp.extract(blocks, broken_at(4), conditions, layers, **options)
    with torch.no_grad():
        blocks.module.blocks[0].bias += 1
    with pytest.warns(UserWarning, match=r"other settings \(weights\)"):
        again = jpp.extract(blocks, broken_at(None), conditions, layers, **options)
    assert again.resumed == 0


def test_a_condition_each_goes_to_the_file(blocks, tmp_path, monkeypatch):
    monkeypatch.setattr(Images, "stamp", lambda self, i: "")
    # In another order than the images: numbers are sorted.
    conditions, out = np.array([4, 2, 0, 1, 3]), tmp_path / "x.h5"
    options = {"out": out, "batch_size": 2, "whole": True}
    layers = ["blocks.*"]
    with pytest.raises(KeyboardInterrupt):
        jpp.extract(blocks, broken_at(4), conditions, layers, **options)
    found = jpp.extract(blocks, broken_at(None), conditions, layers, **options)
    assert found.resumed == 2
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]
    plain = jpp.extract(blocks, IMAGES, conditions, layers, batch_size=2)
    with h5py.File(out) as file:
        for layer, values in plain.features.items():
            assert isinstance(found.features[layer], np.memmap)
            np.testing.assert_array_equal(found.features[layer], values)
            np.testing.assert_array_equal(file[layer], values)
            assert file[layer].dtype == float
            rows = file[f"activations/{layer}"][()]
            np.testing.assert_array_equal(rows, values[conditions])
    assert found.shapes == plain.shapes
    assert found.conditions.labels == plain.conditions.labels == tuple("01234")
    assert load_features(out, "blocks.1@2").shape == (4, 6, 6)


@pytest.mark.slow
@pytest.mark.parametrize("each", [False, True])
def test_memory_does_not_grow_with_the_images(blocks, tmp_path, each):
    """Of few conditions, or of as many that go to a file."""

    def peak(n):
        out = tmp_path / f"{n}.h5" if each else None
        conditions = np.arange(n) % (n if each else 4)
        images = Images(
            "here", tuple(map(str, range(n))), None, None, lambda i: IMAGES[0]
        )
        tracemalloc.start()
        jpp.extract(blocks, images, conditions, ["blocks.0"], batch_size=32, out=out)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    few, many = peak(320), peak(3200)
    units = 4 * 36 * 4
    # Names and numbers of the images, not their responses.
    assert many - few < 0.5 * (3200 - 320) * units


# --- Bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["block.0"], r"no layer is called 'block.0'; expected one of 'blocks.0'"),
        (["blocks.*.x"], "no layer is called"),
        (["unused"], r"'unused' puts out no tensor .* puts out nothing"),
        (["where"], r"'where' puts out no tensor .* puts out torch.int64"),
        (["blocks.1@3"], r"'blocks.1@3' .* puts out blocks.1@2"),
        (None, "module:blocks has 6, one in another; expected some of 'blocks'"),
    ],
)
def test_unknown_layers(blocks, tmp_path, layers, message):
    with pytest.raises(ValueError, match=message):
        jpp.extract(blocks, IMAGES, layers=layers, out=tmp_path / "x.h5")
    assert not list(tmp_path.iterdir())


def test_tokens_are_asked_for(vit, tmp_path):
    net = jpp.TorchNetwork(vit.module, preprocessing=vit.preprocessing)
    with pytest.raises(ValueError, match="expected token: one of cls, mean, last, all"):
        jpp.extract(net, IMAGES, layers=["blocks.0"], out=tmp_path / "x.h5")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("resnet18", {}, "'resnet18' is not known; expected torchvision:NAME, timm:"),
        (
            "torchvision:resnet19",
            {"seed": 0},
            "no 'resnet19'; expected one of 'resnet1",
        ),
        ("torchvision:resnet18", {}, "neither of weights and seed"),
        ("timm:test_vitt", {"seed": 0}, "timm has no 'test_vitt'; expected one of"),
        ("timm:test_vit.here", {"seed": 0}, "expected one of .*'test_vit.r160_in1k'"),
        ("hf:x", {"seed": 0}, "seed: given with hf:x, which has its own weights"),
        ("module:nowhere:build", {}, "nowhere of .* cannot be imported"),
        (
            "module:collections:orderedDict",
            {},
            "no function 'orderedDict'; .*'OrderedD",
        ),
        (
            "module:collections:OrderedDict",
            {},
            "returned a OrderedDict; expected a tor",
        ),
        ("module:collections", {}, "names no function; expected module:PACKAGE.MODULE"),
        ("torchvision:resnet18", {"seed": 0, "token": "first"}, "token='first' is not"),
        ("torchvision:resnet18", {"seed": 0, "device": "gpu"}, "device: 'gpu' cannot"),
        (
            "torchvision:resnet18",
            {"seed": 0, "dtype": "int8"},
            "dtype='int8' is not kn",
        ),
    ],
)
def test_unknown_networks(torchvision, name, options, message):
    if name.startswith("timm:"):
        pytest.importorskip("timm", reason="needs timm")
    if name.startswith("hf:"):
        pytest.importorskip("transformers", reason="needs transformers")
    with pytest.raises(ValueError, match=message):
        jpp.open_network(name, **options)


def test_size_that_a_network_does_not_take():
    module = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    net = jpp.TorchNetwork(module, "mine")
    with pytest.raises(
        ValueError, match=r"mine cannot be run on images of .*\(8, 8, 3"
    ):
        net.taps(np.zeros((1, 8, 8, 3), np.float32))
    assert net.taps(np.zeros((1, 4, 4, 3), np.float32)) == {"0": (48,), "1": (2,)}


def test_relu_is_a_layer_here(blocks):
    with pytest.raises(ValueError, match="name the ReLU itself as the layer"):
        jpp.extract(blocks, IMAGES, layers=["blocks.0"], relu=True)


@pytest.mark.parametrize("missing", ["torch", "timm", "transformers"])
def test_packages_that_are_missing(monkeypatch, tmp_path, missing):
    import sys

    from jaxprune_ports.modules import opening

    if missing == "torch":
        monkeypatch.setattr(opening, "find_spec", lambda name: None)
    else:
        monkeypatch.setitem(sys.modules, missing, None)
    name = {"timm": "timm:test_vit", "transformers": f"hf:{tmp_path}"}
    with pytest.raises(ImportError, match=r"need .*: pip install 'jaxprune\["):
        jpp.open_network(name.get(missing, "torchvision:resnet18"))
