import builtins

import numpy as np
import pytest

import jaxprune_ports as jpp


def weights_of(net):
    return np.asarray(net.V2.conv.kernel[...]), np.asarray(net.decoder.linear.bias[...])


def test_axes_are_moved_to_flax(weights):
    kernel, bias = weights_of(jpp.from_torch("cornet_z", weights))
    np.testing.assert_array_equal(
        kernel, weights["V2.conv.weight"].transpose(2, 3, 1, 0)
    )
    np.testing.assert_array_equal(bias, weights["decoder.linear.bias"])


def test_checkpoint_file_with_prefix_and_nesting(tmp_path, weights):
    torch = pytest.importorskip("torch", reason="writes a .pth file")
    tensors = {
        f"module.{k}": torch.from_numpy(v).requires_grad_() for k, v in weights.items()
    }
    torch.save({"state_dict": tensors, "epoch": 3}, tmp_path / "net.pth")
    expected = weights_of(jpp.from_torch("cornet_z", weights))
    for source in (tmp_path / "net.pth", str(tmp_path / "net.pth"), tensors):
        for ours, wanted in zip(
            weights_of(jpp.from_torch("cornet_z", source)), expected, strict=True
        ):
            np.testing.assert_array_equal(ours, wanted)


def test_one_error_lists_everything_that_does_not_fit(weights):
    del weights["V1.conv.bias"], weights["decoder.linear.weight"]
    weights["V3.conv.bias"] = np.zeros(7)
    weights["V4.conv.weight"] = weights["V4.conv.weight"].transpose(2, 3, 1, 0)
    with pytest.raises(ValueError, match="state_dict: does not fit cornet_z") as error:
        jpp.from_torch("cornet_z", weights)
    lines = str(error.value).splitlines()[1:]
    assert [line.strip() for line in lines] == [
        "missing: V1.conv.bias (64,)",
        "missing: decoder.linear.weight (1000, 512)",
        "unexpected: V3.conv.bias (7,)",
        "shape: V4.conv.weight is (3, 3, 128, 256), expected (256, 128, 3, 3)",
    ]


def test_names_and_shapes_are_those_of_the_official_checkpoint(shapes):
    with pytest.raises(ValueError, match="missing") as error:
        jpp.from_torch("cornet_z", {})
    listed = [line.strip() for line in str(error.value).splitlines()[1:]]
    assert sorted(listed) == sorted(f"missing: {k} {s}" for k, s in shapes.items())


def test_path_without_torch_says_what_to_install(monkeypatch, weights):
    real_import = builtins.__import__

    def without_torch(name, *args, **kwargs):
        if name == "torch":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(ImportError, match=r"jaxprune\[torch\]"):
        jpp.from_torch("cornet_z", "net.pth")
    assert jpp.from_torch("cornet_z", weights)
