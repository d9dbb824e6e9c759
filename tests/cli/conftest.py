"""Small files of the kinds that users have: images, a checkpoint, subject RDMs."""

import numpy as np
import pytest
from flax import nnx
from PIL import Image
from safetensors.numpy import save_file
from scipy.io import savemat

import jaxprune_ports as jpp
from jaxprune_ports.weights.convert import torch_name

NAMES = ("apple", "bear", "cup", "dog")
TORCH_AXES = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}


def state_dict(net):
    """Weights in PyTorch's names and order of axes."""
    flat = nnx.to_flat_state(nnx.split(net)[1])
    arrays = {torch_name(path): np.asarray(leaf[...]) for path, leaf in flat}
    return {
        k: np.ascontiguousarray(v.transpose(TORCH_AXES[v.ndim]))
        for k, v in arrays.items()
    }


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Folder with pictures/, cornet_z.safetensors, trunk.safetensors, cornet_z/ (as
    converted) and subjects.mat, whose conditions are in another order."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in NAMES:
        (folder / "pictures" / name).mkdir(parents=True)
        for i in (1, 2):
            pixels = rng.integers(0, 256, (64, 72, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / name / f"{i}.png")
    net = jpp.create("cornet_z", seed=1)
    weights = state_dict(net)
    save_file(weights, folder / "cornet_z.safetensors")
    trunk = {k: v for k, v in weights.items() if not k.startswith("decoder")}
    save_file(trunk, folder / "trunk.safetensors")
    jpp.save(jpp.from_torch("cornet_z", weights), folder / "cornet_z")
    order = [2, 0, 3, 1]
    points = rng.normal(size=(2, 4, 3))
    rdms = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    np.save(folder / "in_order.npy", rdms)
    shuffled = np.moveaxis(rdms[:, order][:, :, order], 0, -1)
    labels = np.array([NAMES[i] for i in order], object)
    savemat(folder / "subjects.mat", {"RDMs": shuffled, "labels": labels})
    return folder


@pytest.fixture
def here(data, tmp_path, monkeypatch):
    """An empty folder, made the current one, with links to the data in it."""
    for path in data.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
