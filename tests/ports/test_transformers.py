"""Models of transformers: texts and images, and what a plain pass gives."""

import h5py
import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune.io import load_features
from jaxprune_ports.images.images import Images
from tests import tiny_models

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("transformers", reason="needs transformers")

TEXTS = ["cat", "the owl sat", "a dog sat on the mat", "dog", "mat"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory, torchvision):
    folder = tmp_path_factory.mktemp("bert")
    tiny_models.bert(folder)
    return folder


@pytest.fixture(scope="module")
def vit(tmp_path_factory, torchvision):
    folder = tmp_path_factory.mktemp("vit")
    tiny_models.vit(folder)
    return folder


def opened(folder, token="mean"):
    return jpp.open_network(f"hf:{folder}", token=token)


def plain(net, texts, size=2):
    """Hidden states of every text, in the same batches, without padding."""
    tokenizer, model = net.tokenizer, net.module.eval()
    states = []
    for k in range(0, len(texts), size):
        tokens = tokenizer(texts[k : k + size], padding=True, return_tensors="pt")
        with torch.inference_mode():
            found = model(**tokens, output_hidden_states=True).hidden_states
        for row, mask in enumerate(tokens["attention_mask"].bool()):
            states.append([state[row][mask].numpy() for state in found])
    return states


def test_hidden_states(bert, tmp_path):
    net = opened(bert, "cls")
    found = jpp.extract(net, TEXTS, layers="all", batch_size=2, out=tmp_path / "x.h5")
    assert list(found.features) == ["embeddings", "block.0", "block.1"]
    states = plain(net, TEXTS)
    for k, (layer, values) in enumerate(found.features.items()):
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values, [state[k][0] for state in states])
        again = load_features(tmp_path / "x.h5", layer)
        assert again.values.dtype == np.float32
        np.testing.assert_array_equal(again.values, values)
        assert again.labels == tuple(TEXTS)
    with h5py.File(tmp_path / "x.h5") as file:
        about = dict(file.attrs)
    assert about["token"] == "cls"
    assert about["n_texts"] == 5
    assert about["computed"] == "float32 on cpu"
    assert about["network"] == f"hf:{bert.name}"
    assert about["weights"] == "model.safetensors"
    assert len(about["weights_sha256"]) == 64
    assert '"longest": 12' in about["preprocessing"]


def test_modules_and_tokens(bert):
    states = plain(opened(bert), TEXTS)
    for token, pick in {"last": lambda s: s[-1], "mean": lambda s: s.mean(0)}.items():
        found = jpp.extract(
            opened(bert, token),
            TEXTS,
            layers=["block.1", "encoder.layer.1"],
            batch_size=2,
        ).features
        np.testing.assert_array_equal(found["block.1"], found["encoder.layer.1"])
        expected = [pick(state[2]) for state in states]
        np.testing.assert_allclose(found["block.1"], expected, atol=1e-6)


def test_texts_of_conditions(bert, tmp_path):
    rows = ["text,condition", "cat,animal", "dog,animal", "mat,thing"]
    rows += ["the owl sat,event", "a dog sat on the mat,event"]
    (tmp_path / "table.csv").write_text("\n".join(rows))
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    options = {"layers": ["block.0"], "moments": True}
    found = jpp.extract(
        opened(bert), tmp_path / "texts.txt", tmp_path / "table.csv", **options
    )
    each = jpp.extract(opened(bert), TEXTS, layers=["block.0"]).features["block.0"]
    assert found.conditions.labels == ("animal", "thing", "event")
    groups = [each[[0, 3]], each[[4]], each[[1, 2]]]
    expected = [rows.mean(0) for rows in groups]
    np.testing.assert_allclose(found.features["block.0"], expected, atol=1e-6)
    squares = [((rows - rows.mean(0)) ** 2).sum(0) for rows in groups]
    np.testing.assert_allclose(found.m2["block.0"], squares, atol=1e-6)


def test_interrupted_runs_go_on(bert, tmp_path, monkeypatch):
    net, out, read = opened(bert), tmp_path / "x.h5", Images.read
    options = {"layers": "all", "batch_size": 2, "out": out}

    def interrupted(self, i):
        if i == 4:
            raise KeyboardInterrupt
        return read(self, i)

    with monkeypatch.context() as patch:
        patch.setattr(Images, "read", interrupted)
        patch.setattr(Images, "stamp", lambda self, i: self.names[i])
        with pytest.raises(KeyboardInterrupt):
            jpp.extract(net, TEXTS, **options)
        assert not out.exists()
        patch.setattr(Images, "read", read)
        found = jpp.extract(net, TEXTS, **options)
    assert found.resumed == 2  # the batch that was computed last is lost
    for layer, values in jpp.extract(net, TEXTS, **options).features.items():
        np.testing.assert_array_equal(found.features[layer], values)


def test_texts_that_will_not_do(bert, tmp_path):
    long = ["cat", "dog " * 20]
    with pytest.warns(UserWarning, match="1 of 2 are longer than the 12 tokens"):
        found = jpp.extract(opened(bert), long, layers=["block.0"])
    assert found.features["block.0"].shape == (2, 24)
    for token, texts, message in (
        ("mean", ["cat", "dog", "cat"], r"\['cat'\] occur more than once"),
        (None, TEXTS, "token=None: texts have several tokens"),
        ("all", TEXTS, "texts of 3 to 8 tokens have no units in common"),
    ):
        with pytest.raises(ValueError, match=message):
            jpp.extract(opened(bert, token), texts, layers="all", out=tmp_path / "x.h5")
    same = jpp.extract(opened(bert, "all"), ["cat", "dog"], layers=["block.0"])
    assert same.shapes["block.0"] == (3 * 24,)
    assert not list(tmp_path.iterdir())


def test_images(vit):
    net = opened(vit, "cls")
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), np.uint8)
    steps = jpp.Preprocessing(
        16, None, mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bicubic"
    )
    assert net.preprocessing == steps
    found = jpp.extract(net, images, layers="all").features
    x = torch.from_numpy(np.moveaxis(steps(images), -1, 1).copy())
    with torch.inference_mode():
        states = net.module.eval()(x, output_hidden_states=True).hidden_states
    assert list(found) == ["embeddings", "block.0", "block.1"]
    for values, state in zip(found.values(), states, strict=True):
        np.testing.assert_array_equal(values, state[:, 0].numpy())
    (vit / "preprocessor_config.json").rename(vit / "other.json")
    with pytest.raises(ValueError, match=r"holds no preprocessor_config\.json"):
        opened(vit)
