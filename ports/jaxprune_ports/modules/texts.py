"""Texts through a language model of transformers, layer by layer, into a file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base.paths import absent, expanded, unmake
from jaxprune.base.progress import progress_bar
from jaxprune.base.version import __version__

from ..extraction.record import checked, hdf5, put
from .activations import TOKENS, batches, evaluating, forward, rows_of
from .hooks import find_layers, tapped
from .torchvision import import_torchvision

# Hidden states by name: what goes into the first block, and what each puts out.
EMBEDDINGS, BLOCK = "embeddings", "block"
BATCH = 32


@dataclass(frozen=True, eq=False)
class TextModel:
    """A language model and its tokenizer.

    Attributes
    ----------
    model, tokenizer : objects of transformers
    folder : str
    longest : int
        Tokens that the model takes.
    """

    model: Any
    tokenizer: Any
    folder: str
    longest: int

    @property
    def states(self) -> list[str]:
        """Names of the hidden states."""
        blocks = range(self.model.config.num_hidden_layers)
        return [EMBEDDINGS, *(f"{BLOCK}.{k}" for k in blocks)]

    @property
    def layers(self) -> list[str]:
        """Names of the hidden states, and of all modules."""
        modules = [name for name, _ in self.model.named_modules() if name]
        return list(dict.fromkeys([*self.states, *modules]))


def open_text_model(folder: str | PathLike[str]) -> TextModel:
    """Open a folder of transformers, with weights and tokenizer; nothing is downloaded.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ImportError
        If transformers or torch is not installed.
    ValueError
        If the folder is no model, or lacks a file.
    """
    path = expanded(folder)
    if not path.is_dir():
        raise FileNotFoundError(
            f"hf: {path} is no folder; expected one with a model of transformers "
            "(config.json, weights, tokenizer). Download it first: nothing is fetched "
            "from the network."
        )
    try:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise ImportError(
            "language models need transformers: pip install 'jaxprune[hf]'"
        ) from error
    import_torchvision()
    # The commands show progress of their own, or none.
    logging.disable_progress_bar()
    try:
        model = AutoModel.from_pretrained(path, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"hf: {path} cannot be opened by transformers: {reason}"
        ) from error
    if tokenizer.pad_token is None:
        # Padding is masked, so that any token will do.
        tokenizer.pad_token = tokenizer.eos_token
    limits = [tokenizer.model_max_length]
    limits.append(getattr(model.config, "max_position_embeddings", limits[0]))
    return TextModel(model, tokenizer, str(path), int(min(limits)))


def extract_texts(
    source: TextModel,
    texts: Sequence[str],
    layers: Sequence[str] | str,
    out: str | PathLike[str],
    *,
    token: str | None = None,
    batch_size: int | None = None,
    progress: bool = False,
) -> dict[str, tuple[int, ...]]:
    """Write the responses of layers to texts, a condition each, batch by batch.

    Parameters
    ----------
    source : TextModel
    texts : sequence of str
        Labels of the conditions, too.
    layers : sequence of str, or "all"
        Hidden states (``embeddings``, ``block.0``, ...; all of them with ``"all"``),
        modules, or patterns of either.
    out : path
        HDF5 file, which ``jaxprune prune`` reads: float32 datasets ``(texts, units)``
        by layer. It appears when it is complete.
    token : {"cls", "mean", "last", "all"}, optional
        See :func:`torch_activations`; ``"all"`` wants texts of as many tokens.
    batch_size : int, optional
        Texts computed together, 32 by default.
    progress : bool

    Returns
    -------
    dict of str to tuple of int
        Shape of each dataset.

    Raises
    ------
    ValueError
        If texts occur twice, or a layer, token or batch size will not do.

    Warns
    -----
    UserWarning
        If texts were cut to what the model takes.
    """
    target = checked(out)
    if len(set(texts)) < len(texts):
        twice = sorted({text for text in texts if list(texts).count(text) > 1})
        raise ValueError(
            f"texts: {twice[:4]} occur more than once; expected each once."
        )
    if token not in TOKENS:
        raise ValueError(
            f"token={token!r}: texts have several tokens; choose from {list(TOKENS)}."
        )
    names = source.states if layers == "all" else find_layers(source.layers, layers)
    states = {name: k for k, name in enumerate(source.states) if name in names}
    modules = [name for name in names if name not in states]
    tokens = _tokens(source, list(texts), token == "all")
    size = BATCH if batch_size is None else batch_size
    draft, made = target.with_name(f".{target.name}.draft"), absent(target.parent)
    draft.unlink(missing_ok=True)
    shapes: dict[str, tuple[int, ...]] = {}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        bar = progress_bar(total=len(texts), unit="text", disable=not progress)
        with (
            hdf5(draft, "a") as file,
            evaluating(source.model) as where,
            tapped(source.model, modules) as tapped_out,
            bar,
        ):
            first = 0
            for batch in batches(tokens, size, where):
                tapped_out.clear()
                output = forward(source.model, batch, output_hidden_states=True)
                found = {name: output.hidden_states[k] for name, k in states.items()}
                for layer, values in (found | tapped_out).items():
                    rows = rows_of(layer, values, token, batch)
                    shape = len(texts), rows.shape[1]
                    if layer not in file:
                        file.create_dataset(layer, shape, np.float32)
                        file[layer].attrs.update(shape=rows.shape[1:], layer=layer)
                    file[layer][first : first + len(rows)] = rows
                    shapes[layer] = shape
                done = len(next(iter(batch.values())))
                first += done
                bar.update(done)
            put(file, "labels", np.array(list(texts), object))
            file.attrs.update(
                network=f"hf:{Path(source.folder).name}",
                token=token,
                jaxprune=__version__,
            )
        os.replace(draft, target)
    except BaseException:
        draft.unlink(missing_ok=True)
        unmake(made)
        raise
    return shapes


def _tokens(source: TextModel, texts: list[str], same: bool) -> dict[str, Any]:
    """Tokens of all texts, padded to the longest, cut to what the model takes."""
    lengths = [len(ids) for ids in source.tokenizer(texts, verbose=False)["input_ids"]]
    cut = sum(length > source.longest for length in lengths)
    if cut:
        warnings.warn(
            f"texts: {cut:,} of {len(texts):,} are longer than the {source.longest} "
            "tokens that the model takes, and were cut.",
            stacklevel=3,
        )
    if same and len(set(lengths)) > 1:
        raise ValueError(
            f"token='all': texts of {min(lengths)} to {max(lengths)} tokens have no "
            "units in common; expected cls, mean or last."
        )
    options = {"padding": True, "truncation": True, "max_length": source.longest}
    return dict(source.tokenizer(texts, return_tensors="pt", **options))
