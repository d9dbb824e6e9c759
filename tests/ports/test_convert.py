"""PyTorch checkpoints in Flax networks: what fits, and what is said when not."""

import builtins
import hashlib
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from safetensors.numpy import save_file

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import NETWORKS, find
from jaxprune_ports.weights.convert import _fed

TRUNK = ("V1.conv.weight", "V1.conv.bias", "V2.conv.weight", "V2.conv.bias")


def leaves(net):
    flat = nnx.to_flat_state(nnx.split(net)[1])
    return {".".join(map(str, path)): np.asarray(leaf[...]) for path, leaf in flat}


def assert_same_network(ours, expected):
    ours, expected = leaves(ours), leaves(expected)
    assert ours.keys() == expected.keys()
    for path, value in expected.items():
        np.testing.assert_array_equal(ours[path], value)


def test_axes_are_moved_to_flax(weights):
    net = jpp.from_torch("cornet_z", weights)
    np.testing.assert_array_equal(
        net.V2.conv.kernel[...], weights["V2.conv.weight"].transpose(2, 3, 1, 0)
    )
    np.testing.assert_array_equal(
        net.decoder.linear.kernel[...], weights["decoder.linear.weight"].T
    )
    np.testing.assert_array_equal(
        net.decoder.linear.bias[...], weights["decoder.linear.bias"]
    )


def test_files_and_mappings_give_the_same_network(tmp_path, weights):
    torch = pytest.importorskip("torch", reason="writes a .pth file")
    tensors = {
        f"module.{k}": torch.from_numpy(v).requires_grad_() for k, v in weights.items()
    }
    counter = {"V1.norm.num_batches_tracked": torch.tensor(3)}
    torch.save({"state_dict": tensors | counter, "epoch": 3}, tmp_path / "nested.pth")
    torch.save(dict(weights_of(tensors)), tmp_path / "flat.pt")
    save_file(weights, tmp_path / "net.safetensors")
    expected = jpp.from_torch("cornet_z", weights)
    for source in ("nested.pth", "flat.pt", "net.safetensors"):
        path = tmp_path / source
        for given in (path, str(path)):
            net = jpp.from_torch("cornet_z", given)
            assert_same_network(net, expected)
            assert net.source.file == source
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            assert net.source.sha256 == digest
    assert_same_network(jpp.from_torch("cornet_z", tensors), expected)


def weights_of(tensors):
    return {key: value.detach() for key, value in tensors.items()}


def test_half_precision_is_widened(tmp_path, weights):
    half = {key: value.astype(np.float16) for key, value in weights.items()}
    save_file(half, tmp_path / "half.safetensors")
    net = jpp.from_torch("cornet_z", tmp_path / "half.safetensors")
    kernel = np.asarray(net.decoder.linear.kernel[...])
    assert kernel.dtype == np.float32
    np.testing.assert_array_equal(kernel, half["decoder.linear.weight"].T)


def test_one_error_lists_everything_that_does_not_fit(weights):
    del weights["V1.conv.bias"], weights["decoder.linear.weight"]
    weights["V3.conv.bias"] = np.zeros(7)
    weights["V4.conv.weight"] = weights["V4.conv.weight"].transpose(2, 3, 1, 0)
    with pytest.raises(ValueError, match="state_dict: does not fit cornet_z") as error:
        jpp.from_torch("cornet_z", weights)
    lines = str(error.value).splitlines()[1:]
    assert sorted(line.strip() for line in lines) == [
        "missing: V1.conv.bias (64,)",
        "missing: decoder.linear.weight (1000, 512)",
        "shape: V4.conv.weight is (3, 3, 128, 256), expected (256, 128, 3, 3)",
        "unexpected: V3.conv.bias (7,)",
    ]
    # What is unexpected or mis-shaped is never let pass.
    with pytest.raises(ValueError, match="unexpected") as error:
        jpp.from_torch("cornet_z", weights, partial=True)
    assert "missing" not in str(error.value)


def test_number_of_classes_is_that_of_the_checkpoint(weights):
    weights["decoder.linear.weight"] = weights["decoder.linear.weight"][:10]
    weights["decoder.linear.bias"] = weights["decoder.linear.bias"][:10]
    net = jpp.from_torch("cornet_z", weights)
    x = np.zeros((1, 64, 64, 3), np.float32)
    assert net(x)[0].shape == (1, 10)
    weights["decoder.linear.bias"] = np.zeros(7)
    with pytest.raises(ValueError, match=r"is \(10, 512\), expected \(7, 512\)"):
        jpp.from_torch("cornet_z", weights)


def test_a_part_has_the_layers_it_can_feed(weights):
    part = {key: weights[key] for key in TRUNK}
    with pytest.raises(ValueError, match="partial=True"):
        jpp.from_torch("cornet_z", part)
    net = jpp.from_torch("cornet_z", part, partial=True)
    assert net.layers == ("V1", "V2")
    assert len(net.missing) == 6
    x = jnp.ones((1, 64, 64, 3))
    logits, areas = net(x)
    assert logits is None
    expected = jpp.from_torch("cornet_z", weights)(x)[1]
    assert tuple(areas) == ("V1", "V2")
    for area, value in areas.items():
        np.testing.assert_array_equal(value, expected[area])
    assert tuple(jpp.activations(net, np.asarray(x))) == ("V1", "V2")
    with pytest.raises(ValueError, match=r"'IT' needs weights .* has not got \(6"):
        jpp.activations(net, np.asarray(x), ["IT"])


@pytest.mark.parametrize(
    ("missing", "layers"),
    [
        ("V1.conv.bias", ()),
        ("V4.conv.weight", ("V1", "V2")),
        ("decoder.linear.bias", ("V1", "V2", "V4", "IT")),
    ],
)
def test_what_a_missing_weight_reaches(missing, layers):
    spec = find("cornet_z")
    assert _fed(spec, spec.abstract(), [missing]) == layers


def test_a_checkpoint_of_another_network(weights):
    other = {f"features.{i}.weight": np.zeros(3) for i in range(4)}
    for partial in (False, True):
        with pytest.raises(ValueError, match="none of its entries"):
            jpp.from_torch("cornet_z", other, partial=partial)


def test_names_and_shapes_are_those_of_the_official_checkpoint(shapes):
    with pytest.raises(ValueError, match="missing") as error:
        jpp.from_torch("cornet_z", {})
    listed = [line.strip() for line in str(error.value).splitlines()[1:]]
    assert sorted(listed) == sorted(f"missing: {k} {s}" for k, s in shapes.items())


def test_path_without_torch_says_what_to_install(tmp_path, monkeypatch, weights):
    real_import = builtins.__import__

    def without_torch(name, *args, **kwargs):
        if name == "torch":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    (tmp_path / "net.pth").touch()
    save_file(weights, tmp_path / "net.safetensors")
    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(ImportError, match=r"jaxprune\[torch\]"):
        jpp.from_torch("cornet_z", tmp_path / "net.pth")
    assert jpp.from_torch("cornet_z", tmp_path / "net.safetensors").layers


def test_files_that_cannot_be_read(tmp_path, weights):
    save_file(weights, tmp_path / "whole.safetensors")
    cut = (tmp_path / "whole.safetensors").read_bytes()[:10_000]
    (tmp_path / "cut.safetensors").write_bytes(cut)
    (tmp_path / "net.onnx").touch()
    for name, match in [
        ("cut.safetensors", "could not be read; is it complete"),
        ("net.onnx", r"ends in '\.onnx'; expected \.pth, \.pt, \.safetensors"),
    ]:
        with pytest.raises(ValueError, match=match):
            jpp.from_torch("cornet_z", tmp_path / name)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        jpp.from_torch("cornet_z", tmp_path / "nothing.pth")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        jpp.from_torch("cornet_z", tmp_path)


def test_torch_files_that_cannot_be_read(tmp_path, weights):
    torch = pytest.importorskip("torch", reason="writes .pth files")
    tensors = {k: torch.from_numpy(v) for k, v in weights.items()}
    torch.save(tensors, tmp_path / "whole.pth")
    whole = (tmp_path / "whole.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.pth").write_text("not a checkpoint")
    (tmp_path / "empty.pth").touch()
    # A whole pickled network: reading it would run code.
    torch.save(torch.nn.Linear(2, 2), tmp_path / "network.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({"state_dict": {"V1.conv.weight": "x"}}, tmp_path / "words.pth")
    for name, match in [
        ("cut.pth", "is it complete"),
        ("text.pth", "damaged"),
        ("empty.pth", "is it complete"),
        ("network.pth", r"save its state_dict\(\)"),
        ("list.pth", "holds a list, expected weights by name"),
        ("words.pth", "V1.conv.weight is a str, expected an array"),
    ]:
        with pytest.raises(ValueError, match=match):
            jpp.from_torch("cornet_z", tmp_path / name)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model", "net"])
def test_weights_are_found_in_a_checkpoint_of_a_training(key, weights):
    content = {"epoch": 3, "optimizer": {"lr": 0.1}, key: weights}
    expected = jpp.from_torch("cornet_z", weights)
    assert_same_network(jpp.from_torch("cornet_z", content), expected)
    twice = {"state_dict": {key: weights}, "model": "cornet_z"}
    assert_same_network(jpp.from_torch("cornet_z", twice), expected)
    with pytest.raises(ValueError, match="teacher holds further entries"):
        jpp.from_torch("cornet_z", {"teacher": weights})


def test_wrappers_are_removed_wherever_they_are(weights):
    expected = jpp.from_torch("cornet_z", weights)
    areas, head = list(weights.items())[:8], dict(list(weights.items())[8:])
    for prefix, inner in (("module.", ""), ("_orig_mod.module.", ""), ("", ".module")):
        wrapped = {prefix + k.replace(".conv", f"{inner}.conv"): v for k, v in areas}
        # The rest has no prefix: only a part of the network was wrapped.
        assert_same_network(jpp.from_torch("cornet_z", wrapped | head), expected)
    with pytest.raises(ValueError, match=r"are both V1\.conv\.bias; expected every"):
        jpp.from_torch("cornet_z", weights | {"module.V1.conv.bias": np.ones(64)})


def test_weights_that_are_not_finite(weights):
    weights["V4.conv.bias"] = np.full(256, np.nan)
    weights["IT.conv.bias"] = np.full(512, np.inf)
    with pytest.raises(ValueError, match="does not fit cornet_z") as error:
        jpp.from_torch("cornet_z", weights)
    lines = [line.strip() for line in str(error.value).splitlines()[1:]]
    assert sorted(lines) == [
        "not finite: IT.conv.bias holds NaN or infinite values",
        "not finite: V4.conv.bias holds NaN or infinite values",
    ]


def test_what_is_no_state_dict():
    with pytest.raises(TypeError, match=r"got a object; .* network.state_dict\(\)"):
        jpp.from_torch("cornet_z", object())
    with pytest.raises(ValueError, match="none of its entries"):
        jpp.from_torch("cornet_z", {0: np.zeros(3)})


def test_the_official_file_of_another_network_that_fits(
    tmp_path, weights, monkeypatch, recwarn
):
    path = tmp_path / "z.safetensors"
    save_file(weights, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(NETWORKS, "cornet_z", replace(find("cornet_z"), sha256=digest))
    jpp.from_torch("cornet_z", path)
    assert not recwarn
    other = replace(find("cornet_z"), name="twin", sha256=digest[:8])
    monkeypatch.setitem(NETWORKS, "cornet_z", replace(other, sha256=None))
    monkeypatch.setitem(NETWORKS, "twin", other)
    with pytest.warns(UserWarning, match="is the official checkpoint of twin"):
        jpp.from_torch("cornet_z", path)
