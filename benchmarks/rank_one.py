"""Rank-one downdates as others would write them: a NumPy loop, PyTorch in batches.

Both in plain scores, as one would; results are `core.Parts`.
"""

from __future__ import annotations

import importlib
import time

import numpy as np

from .cases import Case
from .core import Parts

# Numbers in a batch of downdated matrices: in cache on a CPU, large on a GPU.
TORCH_BATCH = {"cpu": 2**18, "cuda": 2**26}


def unit_rows(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Units as rows ``(N, n)`` of the centred, normalised features; their Gram."""
    wide = x.astype(np.float64)
    wide -= wide.mean(1, keepdims=True)
    wide /= np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, None]
    return np.ascontiguousarray(wide.T), wide @ wide.T


def unit_target(target: np.ndarray) -> np.ndarray:
    """Symmetric target, centred and of unit length over its pairs, zero diagonal."""
    i, j = np.triu_indices(len(target), 1)
    t = target[i, j] - target[i, j].mean()
    out = np.zeros(target.shape)
    out[i, j] = t / np.sqrt(t @ t)
    return out + out.T


def numpy_without(case: Case, units: np.ndarray) -> Parts:
    """Rank-one downdate of the Gram matrix, a unit at a time, in float64.

    Of the ways tried the fastest from 92 conditions on: normalised by quadratic forms
    in the weights and not by scaling the matrix; nothing allocated in the loop. With
    32 conditions a loop is mostly calls, and batches as below are faster.
    """
    start = time.perf_counter()
    columns, similarity = unit_rows(case.x)
    t = unit_target(case.target)
    n, n_units = case.x.shape
    n_pairs, shift = n * (n - 1) / 2, n_units / (n_units - 1)
    values, left, other = np.empty(len(units)), np.empty((n, n)), np.empty((n, n))
    diagonal = left.ravel()[:: n + 1]
    once = time.perf_counter() - start
    for index, unit in enumerate(units):
        z = columns[unit]
        square = 1 / (1 - shift * z * z)
        weight = np.sqrt(square)
        np.multiply((shift * z)[:, None], z, out=left)
        np.subtract(similarity, left, out=left)
        diagonal[:] = 0
        s1 = weight @ (left @ weight) / 2
        np.multiply(t, left, out=other)
        u = weight @ (other @ weight) / 2
        np.multiply(left, left, out=left)
        s2 = square @ (left @ square) / 2
        values[index] = -u / np.sqrt(s2 - s1 * s1 / n_pairs)
    return Parts(values, once, time.perf_counter() - start - once)


def torch_missing() -> str | None:
    """Why torch cannot run here, if it cannot."""
    try:
        importlib.import_module("torch")
    except (ImportError, OSError, RuntimeError) as error:
        return f"torch: {error}"
    return None


def torch_device() -> str:
    """The kind of device that jax uses, if this torch can."""
    import jax
    import torch

    on_gpu = jax.default_backend() == "gpu" and torch.cuda.is_available()
    return "cuda" if on_gpu else "cpu"


def torch_without(case: Case, units: np.ndarray, dtype: str = "float64") -> Parts:
    """Rank-one downdates of the Gram matrix in PyTorch, batched; NumPy in and out."""
    import torch

    start = time.perf_counter()
    kind, device = getattr(torch, dtype), torch.device(torch_device())
    x = torch.as_tensor(case.x, device=device).to(kind)
    x = x - x.mean(1, keepdim=True)
    z = x / torch.linalg.vector_norm(x, dim=1, keepdim=True)
    similarity, columns = z @ z.T, z.T.contiguous()
    t = torch.as_tensor(unit_target(case.target), device=device).to(kind).ravel()
    n, n_units = case.x.shape
    n_pairs, shift = n * (n - 1) / 2, n_units / (n_units - 1)
    batch = max(1, TORCH_BATCH[device.type] // (n * n))
    everything = torch.as_tensor(units, device=device)
    if device.type == "cuda":
        torch.cuda.synchronize()
    once = time.perf_counter() - start
    values = []
    for chosen in everything.split(batch):
        v = columns[chosen]
        weight = (1 - shift * v * v).rsqrt()
        scaled = v * weight
        left = weight[:, :, None] * weight[:, None, :]
        left *= similarity
        left.baddbmm_(scaled[:, :, None], scaled[:, None, :], alpha=-shift)
        left.diagonal(dim1=1, dim2=2).zero_()
        rows = left.view(len(v), -1)
        s1, s2 = rows.sum(1) / 2, torch.linalg.vector_norm(rows, dim=1) ** 2 / 2
        values.append(-(rows @ t) / 2 / (s2 - s1 * s1 / n_pairs).sqrt())
    out = torch.cat(values).cpu().numpy().astype(np.float64)
    return Parts(out, once, time.perf_counter() - start - once)
