"""Networks on disk: bit-equal when they come back."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from safetensors.numpy import save_file

import jaxprune_ports as jpp


def leaves(net):
    flat = nnx.to_flat_state(nnx.split(net)[1])
    return {".".join(map(str, path)): np.asarray(leaf[...]) for path, leaf in flat}


def test_round_trip_is_bit_equal(tmp_path):
    net = jpp.create("cornet_z", seed=5)
    again = jpp.load(jpp.save(net, tmp_path / "deep" / "net"))
    ours, expected = leaves(again), leaves(net)
    assert ours.keys() == expected.keys()
    for path, value in expected.items():
        assert ours[path].dtype == value.dtype
        np.testing.assert_array_equal(ours[path], value)
    x = jnp.ones((1, 64, 64, 3))
    np.testing.assert_array_equal(again(x)[0], net(x)[0])
    assert (again.name, again.layers) == (net.name, net.layers)
    assert again.source.seed == 5


def test_a_part_comes_back_as_a_part(tmp_path, weights):
    part = {key: value for key, value in weights.items() if key[0] == "V"}
    weights["decoder.linear.bias"] = weights["decoder.linear.bias"][:10]
    save_file(part, tmp_path / "part.safetensors")
    net = jpp.from_torch("cornet_z", tmp_path / "part.safetensors", partial=True)
    again = jpp.load(jpp.save(net, tmp_path / "saved"))
    assert again.layers == net.layers == ("V1", "V2", "V4")
    assert again.missing == net.missing
    assert again.source.sha256 == net.source.sha256
    x = jnp.ones((1, 64, 64, 3))
    for ours, expected in zip(again(x)[1].values(), net(x)[1].values(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_number_of_classes_comes_back(tmp_path):
    net = jpp.create("cornet_z", n_classes=10)
    again = jpp.load(jpp.save(net, tmp_path / "net"))
    assert again(jnp.ones((1, 64, 64, 3)))[0].shape == (1, 10)


def test_manifest(tmp_path, weights):
    save_file(weights, tmp_path / "net.safetensors")
    net = jpp.from_torch("cornet_z", tmp_path / "net.safetensors")
    manifest = json.loads(
        (jpp.save(net, tmp_path / "net") / "manifest.json").read_text()
    )
    assert manifest["network"] == "cornet_z"
    assert manifest["source"]["file"] == "net.safetensors"
    assert manifest["source"]["sha256"] == net.source.sha256
    assert len(net.source.sha256) == 64
    assert {"jaxprune", "jax", "flax", "python"} <= manifest["versions"].keys()


def test_an_earlier_network_is_replaced_and_nothing_else(tmp_path):
    folder = jpp.save(jpp.create("cornet_z", seed=0), tmp_path / "net")
    jpp.save(jpp.create("cornet_z", seed=1), folder)
    assert jpp.load(folder).source.seed == 1
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds no network"):
        jpp.save(jpp.create("cornet_z"), tmp_path / "own")
    assert (tmp_path / "own" / "thesis.txt").read_text() == "mine"
    with pytest.raises(FileExistsError, match="is a file"):
        jpp.save(jpp.create("cornet_z"), tmp_path / "own" / "thesis.txt")


def test_a_network_of_ones_own_is_refused(tmp_path):
    net = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    with pytest.raises(TypeError, match="expected a Network"):
        jpp.save(net, tmp_path / "net")


def test_what_is_no_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a folder"):
        jpp.load(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="holds no network"):
        jpp.load(tmp_path)


def test_damaged_checkpoints(tmp_path):
    folder = jpp.save(jpp.create("cornet_z"), tmp_path / "net")
    manifest = (folder / "manifest.json").read_text()
    for text in ("{", "[]", "{}"):
        (folder / "manifest.json").write_text(text)
        with pytest.raises(ValueError, match="is damaged; convert the network again"):
            jpp.load(folder)
    newer = json.loads(manifest) | {"format": 99}
    (folder / "manifest.json").write_text(json.dumps(newer))
    with pytest.raises(ValueError, match="newer version"):
        jpp.load(folder)
    (folder / "manifest.json").write_text(manifest)
    largest = max((folder / "weights").rglob("*"), key=lambda f: f.stat().st_size)
    whole = largest.read_bytes()
    largest.write_bytes(whole[:1000])
    with pytest.raises(ValueError, match="damaged or incomplete"):
        jpp.load(folder)
    largest.unlink()
    with pytest.raises(ValueError, match="damaged or incomplete"):
        jpp.load(folder)
    largest.write_bytes(whole)
    assert jpp.load(folder).name == "cornet_z"


def test_damage_that_leaves_sizes_as_they_are(tmp_path):
    folder = jpp.save(jpp.create("student108"), tmp_path / "net")
    path = folder / "manifest.json"
    whole = path.read_text()
    for name, value in {"n_classes": "x", "missing": None, "source": {"x": 1}}.items():
        path.write_text(json.dumps(json.loads(whole) | {name: value}))
        with pytest.raises(ValueError, match="net is damaged or incomplete"):
            jpp.load(folder)
    manifest = json.loads(whole)
    del manifest["files"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match="is damaged; convert the network again"):
        jpp.load(folder)
    path.write_text(whole)
    largest = max((folder / "weights").rglob("*"), key=lambda f: f.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    with pytest.raises(ValueError, match="net is damaged or incomplete"):
        jpp.load(folder)


def test_saved_weights_that_are_not_finite(tmp_path):
    net = jpp.create("student108")
    net.fc.bias[...] = net.fc.bias[...] * jnp.nan
    folder = jpp.save(net, tmp_path / "net")
    with pytest.raises(ValueError, match=r"net: 'fc.bias' hold NaN or infinite values"):
        jpp.load(folder)


def test_an_interrupted_save_keeps_the_earlier_network(tmp_path, monkeypatch):
    import orbax.checkpoint as ocp

    folder = jpp.save(jpp.create("cornet_z", seed=0), tmp_path / "net")

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ocp.StandardCheckpointer, "save", interrupted)
        for where in (folder, tmp_path / "new"):
            with pytest.raises(KeyboardInterrupt):
                jpp.save(jpp.create("cornet_z", seed=1), where)
    assert jpp.load(folder).source.seed == 0
    jpp.save(jpp.create("cornet_z", seed=1), tmp_path / "new")
    assert jpp.load(tmp_path / "new").source.seed == 1
