"""Folders of transformers: language models, and networks of images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jaxprune.base.paths import expanded

from ..images.steps import Preprocessing
from ..networks.network import Source
from ..weights.files import sha256
from .language import LanguageModel, Tokens
from .network import TorchNetwork
from .torchvision import import_torchvision

# Hidden states by name: what goes into the first block, and what each puts out.
EMBEDDINGS, BLOCK = "embeddings", "block"
# Where a folder says what is done with images, and how Pillow numbers interpolations.
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
RESAMPLE = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")


def open_huggingface(folder: str, texts: bool | None = None) -> TorchNetwork:
    """Open a folder with weights and tokenizer or processor; nothing is downloaded.

    Parameters
    ----------
    folder : str
    texts : bool, optional
        Which part is taken of a model of texts and images, such as CLIP; by default
        that of images.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ImportError
        If transformers is not installed.
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
            "hf: these networks need transformers: pip install 'jaxprune[hf]'"
        ) from error
    import_torchvision()
    # The commands show progress of their own, or none.
    logging.disable_progress_bar()
    try:
        model = AutoModel.from_pretrained(path, local_files_only=True)
        if hasattr(model, "vision_model"):
            model = model.text_model if texts else model.vision_model
        images = getattr(model, "main_input_name", "") == "pixel_values"
        tokenizer = None
        if not images:
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"hf: {path} cannot be opened by transformers: {reason}"
        ) from error
    # Convolutional ones do not say how many states they have.
    n_blocks = getattr(model.config, "num_hidden_layers", None)
    blocks = [f"{BLOCK}.{k}" for k in range(n_blocks or 0)]
    about: dict[str, Any] = {
        "name": f"hf:{path.name}",
        "source": _source(path),
        "states": (EMBEDDINGS, *blocks) if blocks else (),
    }
    if tokenizer is None:
        return TorchNetwork(model, preprocessing=_preprocessing(path), **about)
    if tokenizer.pad_token is None:
        # Padding is masked, so that any token will do.
        tokenizer.pad_token = tokenizer.eos_token
    limits = [tokenizer.model_max_length]
    limits.append(getattr(model.config, "max_position_embeddings", limits[0]))
    tokens = Tokens(type(tokenizer).__name__, int(min(limits)))
    return LanguageModel(model, preprocessing=tokens, tokenizer=tokenizer, **about)


def _source(path: Path) -> Source:
    """Files of weights; the hash if there is one file."""
    files = sorted([*path.glob("*.safetensors"), *path.glob("pytorch_model*.bin")])
    if len(files) != 1:
        return Source(f"{len(files)} files of weights")
    return Source(files[0].name, sha256(files[0]))


def _preprocessing(path: Path) -> Preprocessing:
    """What the processor of a folder does, from its description."""
    for file in map(path.joinpath, PROCESSORS):
        if file.is_file():
            about = json.loads(file.read_text("utf-8"))
            return _described(about.get("image_processor", about), file)
    raise ValueError(
        f"hf: {path} holds no {PROCESSORS[0]}, which says what is done with images; "
        "expected one, as it was published"
    )


def _described(about: dict[str, Any], file: Path) -> Preprocessing:
    """Preprocessing of a processor's description.

    >>> about = {"size": {"shortest_edge": 256}, "crop_size": 224, "resample": 3}
    >>> found = _described(about, Path("here"))
    >>> found.size, found.crop, found.interpolation, found.mean
    (256, 224, 'bicubic', (0.0, 0.0, 0.0))
    """
    size, crop = _side(about.get("size")), _side(about.get("crop_size"))
    square = isinstance(about.get("size"), dict) and "height" in about["size"]
    if not about.get("do_resize", True):
        size = None
    if "crop_pct" in about and size is not None and size < 384:
        size, crop, square = int(size / about["crop_pct"]), size, False
    elif not about.get("do_center_crop", crop is not None):
        crop, square = None, True
    if square and crop is not None and size is not None and crop != size:
        raise ValueError(
            f"hf: {file} resizes images to a square and cuts its centre; expected one "
            "of both. Give --size and --crop"
        )
    normalised = about.get("do_normalize", "image_mean" in about)
    scaled = about.get("do_rescale", True)
    return Preprocessing(
        size,
        None if square else crop,
        scale=about.get("rescale_factor", 1 / 255) if scaled else 1.0,
        mean=tuple(about["image_mean"]) if normalised else (0.0, 0.0, 0.0),
        std=tuple(about["image_std"]) if normalised else (1.0, 1.0, 1.0),
        interpolation=RESAMPLE[about.get("resample", 2)],
    )


def _side(size: Any) -> int | None:
    """Side of a square, or the shorter side."""
    if isinstance(size, dict):
        size = size.get("shortest_edge", size.get("height"))
    return size
