"""Activations of any module of PyTorch, as features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .hooks import find_layers, tapped

TOKENS = ("cls", "mean", "last", "all")
# Of a mapping of inputs: which tokens are no padding.
MASK = "attention_mask"


def torch_activations(
    module: Any,
    inputs: Any,
    layers: Sequence[str],
    *,
    token: str | None = None,
    batch_size: int = 32,
    device: Any = None,
) -> dict[str, np.ndarray]:
    """Responses of every unit of some layers of a module to every input.

    The module is put in evaluation mode, and back; nothing of it is changed.

    Parameters
    ----------
    module : torch.nn.Module
    inputs : array_like (n, ...), or mapping of str to array_like (n, ...)
        Preprocessed; a mapping is passed as keywords, as tokenizers return it.
    layers : sequence of str
        Names of ``module.named_modules()``, or patterns, ``"blocks.*"``, in which a
        ``*`` stands for one part of a name. The second call of a module is a layer
        ``"NAME@2"``, and several outputs of one are ``"NAME:0"`` or ``"NAME:key"``.
    token : {"cls", "mean", "last", "all"}, optional
        Of outputs ``(n, tokens, width)``: the first token, the mean of all or the last
        that the ``attention_mask`` of the inputs keeps (special ones included; all
        where there is no mask), or all side by side.
    batch_size : int, default=32
    device : optional
        By default that of the module's parameters. The module is moved there and back.

    Returns
    -------
    dict of ndarray (n, units), float32
        Units flattened channel-first.

    Raises
    ------
    ValueError
        If a layer is not known or puts out no tensor, outputs have tokens and `token`
        does not say which, or they have not one row an input.

    Examples
    --------
    >>> import torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
    >>> out = torch_activations(net, np.ones((5, 4), np.float32), ["0", "1"])
    >>> {layer: values.shape for layer, values in out.items()}
    {'0': (5, 3), '1': (5, 3)}
    """
    names = find_layers([n for n, _ in module.named_modules() if n], layers)
    found: dict[str, list[np.ndarray]] = {}
    with evaluating(module, device) as where, tapped(module, names) as taps:
        for batch in batches(inputs, batch_size, where):
            taps.clear()
            forward(module, batch)
            taps.check()
            for layer, values in taps.out.items():
                rows = responses(layer, values, token, batch)
                found.setdefault(layer, []).append(rows.reshape(len(rows), -1))
    return {layer: np.concatenate(parts) for layer, parts in found.items()}


@contextmanager
def evaluating(module: Any, device: Any = None) -> Iterator[Any]:
    """Evaluation mode, on a device; afterwards all is as it was."""
    import torch

    was = next((p.device for p in module.parameters()), torch.device("cpu"))
    modes = {name: inner.training for name, inner in module.named_modules()}
    where = was if device is None else torch.device(device)
    try:
        module.eval().to(where)
        yield where
    finally:
        module.to(was)
        for name, inner in module.named_modules():
            inner.training = modes[name]


def batches(inputs: Any, size: int, device: Any) -> Iterator[Any]:
    """Tensors of some rows of the inputs, or mappings of them."""
    import torch

    parts = inputs if isinstance(inputs, Mapping) else {"": inputs}
    lengths = {len(values) for values in parts.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            f"inputs have {sorted(lengths)} rows; expected at least one, and as many "
            "in every array."
        )
    if size < 1:
        raise ValueError(f"batch_size={size}: expected at least 1.")
    for first in range(0, lengths.pop(), size):
        some = {
            name: torch.as_tensor(values[first : first + size]).to(device)
            for name, values in parts.items()
        }
        yield some if isinstance(inputs, Mapping) else some[""]


def forward(module: Any, batch: Any, **options: Any) -> Any:
    """One pass without gradients; a mapping is passed as keywords."""
    import torch

    with torch.inference_mode():
        if isinstance(batch, Mapping):
            return module(**batch, **options)
        return module(batch, **options)


def responses(layer: str, values: Any, token: str | None, batch: Any) -> np.ndarray:
    """What a layer put out, an array ``(m, ...)`` of float32, with one token or all."""
    if token is not None and token not in TOKENS:
        raise ValueError(f"token={token!r} is not known; choose from {list(TOKENS)}.")
    mapping = isinstance(batch, Mapping)
    m = len(next(iter(batch.values())) if mapping else batch)
    if values.ndim < 2 or len(values) != m:
        raise ValueError(
            f"layers: {layer!r} puts out {tuple(values.shape)} for {m} inputs; "
            "expected one row an input. Choose another layer."
        )
    values = values.float()
    if values.ndim == 3:
        if token is None:
            raise ValueError(
                f"layers: {layer!r} puts out (inputs, tokens, width), "
                f"{tuple(values.shape)}; expected token: one of {', '.join(TOKENS)}."
            )
        values = _token(values, token, batch.get(MASK) if mapping else None)
    return values.cpu().numpy()


def _token(values: Any, token: str, mask: Any) -> Any:
    """One row an input, of the tokens that the mask keeps ``(m, tokens)``."""
    import torch

    if token == "all":
        return values
    m, n_tokens = values.shape[:2]
    if mask is None or mask.shape != (m, n_tokens):
        mask = torch.ones((m, n_tokens), device=values.device)
    kept = mask.to(values.dtype)
    if token == "mean":
        return (values * kept[..., None]).sum(1) / kept.sum(1, keepdim=True)
    places = torch.arange(n_tokens, device=values.device) * (kept > 0)
    if token == "last":
        return values[torch.arange(m), places.argmax(1)]
    return values[torch.arange(m), (kept > 0).to(torch.int8).argmax(1)]
