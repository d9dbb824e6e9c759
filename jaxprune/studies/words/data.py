"""Vectors and judgements, of files or made up, brought to the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...base.arrays import condensed, pair_index, squareform
from ...io import Labelled, load_target, shared
from ...io.labelled import InputError
from ...io.sharing import places
from ..framework import load_layers, named_files
from .options import Options

# Before the folder of a language model.
MODEL = "hf:"


@dataclass(frozen=True, eq=False)
class Words:
    """Words with vectors and judgements.

    Attributes
    ----------
    words : tuple of str (n,)
        Those that are judged in any set and that all vectors have.
    vectors : dict of str to ndarray (n, N)
        By name; numbers of units may differ.
    targets : dict of str to ndarray (P,)
        Judgements of each set, condensed; NaN where a pair was not judged.
    notes : tuple of str
        What was left out.
    """

    words: tuple[str, ...]
    vectors: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]
    notes: tuple[str, ...]


def load(options: Options) -> Words:
    """Read what the options name, or make something up.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If one cannot be read, or they have no words in common.
    """
    if not options.vectors:
        return made_up(options.seed)
    sets = {
        name: load_target(path, ignore_case=True)
        for name, path in named_files("sets", options.sets).items()
    }
    for name, judged in sets.items():
        if judged.labels is None or judged.values.ndim > 1:
            what = "no labels" if judged.labels is None else "several raters"
            raise InputError(
                f"sets: {judged.source} ({name}) has {what}; expected judged pairs, "
                "a,b,score, of one rater or the mean of several."
            )
    words = list(dict.fromkeys(w for one in sets.values() for w in one.labels or ()))
    some = {"words": words, "missing": "drop", "ignore_case": True}
    loaded: dict[str, Labelled] = {}
    for name, path in named_files("vectors", options.vectors).items():
        if path.startswith(MODEL):
            title = name.removeprefix(MODEL)
            loaded |= hidden_states(title, path, words, options.token)
        else:
            loaded |= load_layers(name, path, **some)
    return together(loaded, sets)


def hidden_states(
    name: str, source: str, words: list[str], token: str
) -> dict[str, Labelled]:
    """Every hidden state of a language model that reads the words, one by one."""
    import jaxprune_ports as jpp

    found = jpp.extract(jpp.open_network(source, token=token), words, layers="all")
    assert found.features is not None
    labels = found.conditions.labels
    return {
        f"{name} {layer}": Labelled(np.asarray(values), labels, source)
        for layer, values in found.features.items()
    }


def together(vectors: Mapping[str, Labelled], sets: Mapping[str, Labelled]) -> Words:
    """Take the words that all vectors have and that are judged, whatever their case.

    Examples
    --------
    >>> vectors = Labelled(np.eye(3), ("owl", "cat", "dog"), "vectors")
    >>> pairs = Labelled(np.array([4.0, 2.0, 1.0]), ("Cat", "dog", "emu"), "pairs")
    >>> found = together({"a": vectors}, {"b": pairs})
    >>> found.words, found.targets["b"], found.vectors["a"].tolist()
    (('cat', 'dog'), array([4.]), [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    """
    first = next(iter(vectors.values()))
    known = set.intersection(
        *({w.casefold() for w in one.labels or ()} for one in vectors.values())
    )
    labels = tuple(word for word in first.labels or () if word.casefold() in known)
    kept, notes = {}, []
    for name, judged in sets.items():
        everything = Labelled(np.empty((len(labels), 1)), labels, "vectors")
        _, kept[name] = shared(everything, judged, missing="drop", ignore_case=True)
        notes += kept[name].notes
    words = tuple(dict.fromkeys(w for one in kept.values() for w in one.labels or ()))
    place = {word: i for i, word in enumerate(words)}
    targets = {}
    for name, judged in kept.items():
        square = np.full((len(words), len(words)), np.nan)
        at = np.array([place[word] for word in judged.labels or ()])
        square[np.ix_(at, at)] = squareform(judged.values)
        targets[name] = condensed(square)
    chosen = {
        name: np.asarray(one.values)[places(one, words, "sets", "error", True)]
        for name, one in vectors.items()
    }
    return Words(words, chosen, targets, tuple(notes))


def made_up(seed: int) -> Words:
    """Words with two meanings, and two sets of judgements that ask for one each.

    Of 40 units, 8 carry each meaning, in "late" more clearly than in "early"; 250 pairs
    of 48 words are judged by the angle between their meanings, with noise.
    """
    rng = np.random.default_rng(seed)
    n, n_units, n_judged = 48, 40, 250
    meanings = rng.normal(size=(2, n, 3))
    vectors = {}
    for name, strength in (("early", 1.0), ("late", 2.5)):
        x = rng.normal(size=(n, n_units))
        for first, meaning in zip((0, 8), meanings, strict=True):
            x[:, first : first + 8] += strength * meaning @ rng.normal(size=(3, 8))
        vectors[name] = x
    i, j = pair_index(n)
    targets = {}
    for name, meaning in zip(("meaning A", "meaning B"), meanings, strict=True):
        unit = meaning / np.linalg.norm(meaning, axis=1, keepdims=True)
        judged = rng.choice(len(i), n_judged, replace=False)
        target = np.full(len(i), np.nan)
        alike = (unit @ unit.T)[i[judged], j[judged]]
        target[judged] = 5 * alike + 5 + rng.normal(size=n_judged)
        targets[name] = target
    return Words(tuple(f"word {k + 1}" for k in range(n)), vectors, targets, ())
