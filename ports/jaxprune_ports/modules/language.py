"""Language models: networks that are shown texts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from jaxprune.base.paths import expanded
from jaxprune.io import read_lines

from ..images.images import Images
from .activations import TOKENS
from .network import TorchNetwork


@dataclass(frozen=True)
class Tokens:
    """How a text becomes tokens: the class of the tokenizer, and how many at most."""

    tokenizer: str
    longest: int


@dataclass(frozen=True, eq=False)
class LanguageModel(TorchNetwork):
    """A model of transformers that is shown texts, for :func:`jaxprune_ports.extract`.

    Attributes
    ----------
    tokenizer : object of transformers
    preprocessing : Tokens
    """

    tokenizer: Any = None

    @property
    def batch_size(self) -> int:
        """Texts computed at a time, unless told otherwise."""
        return 32

    def open(self, images: Any) -> Images:
        """Take texts, or those of a file with one a line.

        Raises
        ------
        ValueError
            If texts occur twice, the file holds none, or the token will not do.

        Warns
        -----
        UserWarning
            If texts are longer than the model takes.
        """
        if isinstance(images, Images):
            return images
        file = isinstance(images, str | PathLike)
        texts = read_lines(str(images), "texts") if file else [*map(str, images)]
        if len(set(texts)) < len(texts):
            twice = sorted({text for text in texts if texts.count(text) > 1})
            raise ValueError(
                f"texts: {twice[:4]} occur more than once; expected each once."
            )
        if self.token is None:
            raise ValueError(
                f"token={self.token!r}: texts have several tokens; choose from "
                f"{list(TOKENS)}."
            )
        self._measure(texts)
        source = str(expanded(str(images))) if file else f"list of {len(texts)} texts"
        return Images(
            source,
            tuple(texts),
            None,
            None,
            lambda i: np.array(texts[i]),
            kind="text",
        )

    def batch(self, x: np.ndarray) -> Any:
        """Tokens of some texts, padded, cut to what the model takes."""
        tokens = self.tokenizer(
            [str(text) for text in x],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=self.preprocessing.longest,
        )
        return {name: values.to(self._device) for name, values in tokens.items()}

    def _measure(self, texts: list[str]) -> None:
        """Count what is too long; refuse texts that share no units."""
        found = self.tokenizer(texts, verbose=False)["input_ids"]
        lengths, longest = [len(ids) for ids in found], self.preprocessing.longest
        cut = sum(length > longest for length in lengths)
        if cut:
            warnings.warn(
                f"texts: {cut:,} of {len(texts):,} are longer than the {longest} "
                "tokens that the model takes, and are cut.",
                stacklevel=4,
            )
        if self.token == "all" and len(set(lengths)) > 1:
            raise ValueError(
                f"token='all': texts of {min(lengths)} to {max(lengths)} tokens have "
                "no units in common; expected cls, mean or last."
            )
