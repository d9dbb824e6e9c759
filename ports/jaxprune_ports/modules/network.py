"""Modules of PyTorch as networks that are shown images or texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..images.images import Images
from ..images.opening import open_images
from ..images.steps import Preprocessing
from ..networks.network import ACCELERATOR_BATCH, CPU_BATCH, Source
from .activations import TOKENS, evaluating, forward, responses
from .hooks import find_layers, near, tapped


@dataclass(frozen=True, eq=False)
class TorchNetwork:
    """A module of PyTorch that is shown images, for :func:`jaxprune_ports.extract`.

    Attributes
    ----------
    module : torch.nn.Module
        Takes images ``(n, 3, H, W)``, as preprocessed, in its own precision.
    name : str
    preprocessing : Preprocessing
    token : {"cls", "mean", "last", "all"}, optional
        What is taken of outputs ``(n, tokens, width)``: see :func:`torch_activations`.
    device : str, optional
        By default "cuda" where PyTorch sees one, else "cpu".
    source : Source
        Of the weights.
    states : tuple of str
        Names of the hidden states of a model of transformers, the usual layers.
    channels_last : bool
        Whether outputs of four axes are ``(n, H, W, C)``, not ``(n, C, H, W)``.

    Raises
    ------
    ValueError
        If the token is not known, or PyTorch sees no such device.

    Examples
    --------
    >>> import torch
    >>> import jaxprune_ports as jpp
    >>> module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    >>> net = TorchNetwork(module, preprocessing=jpp.Preprocessing(8, None))
    >>> found = jpp.extract(net, np.zeros((2, 16, 16), np.uint8), layers=["1"])
    >>> found.features["1"].shape, found.shapes["1"]
    ((2, 144), (4, 6, 6))
    """

    module: Any
    name: str = "module"
    preprocessing: Any = Preprocessing()
    token: str | None = None
    device: str | None = None
    source: Source = Source()
    states: tuple[str, ...] = ()
    channels_last: bool = False

    def __post_init__(self) -> None:
        import torch

        if self.token is not None and self.token not in TOKENS:
            raise ValueError(
                f"token={self.token!r} is not known; choose from {list(TOKENS)}."
            )
        try:
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"device: {self.device!r} cannot be used by PyTorch: {reason}"
            ) from error

    @property
    def batch_size(self) -> int:
        """Images computed at a time, unless told otherwise."""
        return CPU_BATCH if self._device == "cpu" else ACCELERATOR_BATCH

    @property
    def computed(self) -> str:
        """Precision and device, in words."""
        return f"{str(self._dtype).removeprefix('torch.')} on {self._device}"

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the hidden states, and of all submodules."""
        names = [name for name, _ in self.module.named_modules() if name]
        return tuple(dict.fromkeys([*self.states, *names]))

    def open(self, images: Any) -> Images:
        """Find what the network is shown: :func:`open_images`."""
        return open_images(images)

    def find(self, layers: Sequence[str] | str | None) -> tuple[str, ...]:
        """Names of layers, patterns included; "all" are the hidden states.

        Raises
        ------
        ValueError
            If nothing has such a name, or "all" is asked of a network without states.
        """
        if layers is None or layers == "all":
            if not self.states:
                raise ValueError(
                    f"layers: {self.name} has {len(self.layers)}, one in another; "
                    f"expected some of {near('', self.layers)}, or a pattern such as "
                    "'blocks.*'."
                )
            return self.states
        return tuple(
            find_layers(self.layers, [layers] if isinstance(layers, str) else layers)
        )

    def named_weights(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all weights, buffers included."""
        for name, tensor in self.module.state_dict().items():
            # NumPy has no bfloat16, and float32 holds it.
            whole = not tensor.is_floating_point()
            yield name, (tensor if whole else tensor.float()).cpu().numpy()

    def taps(self, x: np.ndarray) -> dict[str, tuple[int, ...]]:
        """Shapes of everything that a pass puts out with one row an input, by name.

        Raises
        ------
        ValueError
            If PyTorch cannot run the module on such input.
        """
        names = [name for name in self.layers if name not in self.states]
        with evaluating(self.module, self._device), tapped(self.module, names) as taps:
            try:
                output = self._forward(self.batch(x), bool(self.states))
            except RuntimeError as error:
                reason = str(error).strip().partition("\n")[0]
                raise ValueError(
                    f"network: {self.name} cannot be run on images of shape "
                    f"{x.shape[1:]}: {reason}. Give size and crop if that is the reason"
                ) from error
            found = dict(zip(self.states, self._hidden(output), strict=True))
            found |= {k: v for k, v in taps.out.items() if k not in found}
        return {
            name: tuple(values.shape[1:])
            for name, values in found.items()
            if values.ndim > 1 and len(values) == len(x)
        }

    @contextmanager
    def reading(
        self, layers: Sequence[str] | None, relu: bool, batch_size: int
    ) -> Iterator[Callable[[np.ndarray], dict[str, np.ndarray]]]:
        """Give a function from preprocessed images to the responses of layers."""
        del batch_size  # any will do
        if relu:
            raise ValueError(
                f"relu: which layers a ReLU follows is not known of {self.name}; leave "
                "it out, and name the ReLU itself as the layer."
            )
        names = self.find(layers)
        modules = [name for name in names if name not in self.states]
        hidden = len(modules) < len(names)
        with (
            evaluating(self.module, self._device),
            tapped(self.module, modules) as taps,
        ):

            def read(x: np.ndarray) -> dict[str, np.ndarray]:
                taps.clear()
                batch = self.batch(x)
                output = self._forward(batch, hidden)
                taps.check()
                states = zip(self.states, self._hidden(output), strict=hidden)
                found = {name: values for name, values in states if name in names}
                return {
                    layer: self._arranged(responses(layer, values, self.token, batch))
                    for layer, values in (found | taps.out).items()
                }

            yield read

    def batch(self, x: np.ndarray) -> Any:
        """What the module is called with, of preprocessed images ``(n, H, W, 3)``."""
        import torch

        images = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
        return images.to(self._device, self._dtype)

    def _forward(self, batch: Any, hidden: bool) -> Any:
        options = {"output_hidden_states": True} if hidden else {}
        return forward(self.module, batch, **options)

    def _hidden(self, output: Any) -> Sequence[Any]:
        return getattr(output, "hidden_states", None) or ()

    def _arranged(self, values: np.ndarray) -> np.ndarray:
        """``(m, h, w, channels)``, or ``(m, units)``."""
        if values.ndim == 4:
            return values if self.channels_last else np.moveaxis(values, 1, -1)
        return values.reshape(len(values), -1)

    @property
    def _device(self) -> str:
        import torch

        return self.device or ("cuda" if torch.cuda.is_available() else "cpu")

    @property
    def _dtype(self) -> Any:
        import torch

        kinds = (p.dtype for p in self.module.parameters() if p.is_floating_point())
        return next(kinds, torch.float32)
