"""What Meadows exports: RDMs of its arrangement tasks, a participant each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry
from .judgements import targets_note
from .labelled import InputError, Labelled, as_labels, some, without_suffixes

# Names in a .mat file; of several participants, with theirs behind an underscore.
RDM, STIMULI = "rdmutv", "stimuli"


def arranged(
    entries: Mapping[str, Entry], path: Path, key: str | None
) -> Labelled | None:
    """Target of a ``.mat`` file of Meadows; None if it is another file.

    Parameters
    ----------
    entries : mapping of str to Entry
    path : Path
    key : str or None
        A participant, whose RDM alone is wanted: ``rdmutv_cuddly_bunny``.
    """
    found = {name: entry for name, entry in entries.items() if _is(name, RDM)}
    if not found or (key is not None and key not in found):
        return None
    if not any(_is(name, STIMULI) for name in entries):
        return None
    if key is not None:
        found = {key: found[key]}
    rdms = []
    for name, entry in found.items():
        beside = STIMULI + name.removeprefix(RDM)
        texts = entries.get(beside) or entries.get(STIMULI)
        if texts is None:
            raise InputError(
                f"{path} has {name} and no {beside}, which names its rows."
            )
        labels = as_labels(texts.read(), f"{path} [{beside}]")
        rdms.append((name.removeprefix(RDM).strip("_"), labels, entry.read().ravel()))
    return _stacked(rdms, path)


def tasks_in(content: Any, path: Path, key: str | None) -> Labelled | None:
    """Target of a tree; None if the document is something else.

    Every task that arranged stimuli is an RDM; `key` is the name of one task.
    """
    tasks = list(_tasks(content, ""))
    if not tasks:
        return None
    names = dict.fromkeys(name for _, name, _ in tasks)
    if key is not None and key not in names:
        raise InputError(
            f"{path} has no task {key!r}; expected one of {some(names, 8)}."
        )
    rdms = []
    for who, name, task in tasks:
        if key in (None, name):
            stimuli = [s["name"] if isinstance(s, dict) else s for s in task["stimuli"]]
            labels = as_labels(stimuli, f"{path} [{name}]")
            rdms.append((f"{who} {name}".strip(), labels, np.ravel(task["rdm"])))
    return _stacked(rdms, path)


def _is(name: str, kind: str) -> bool:
    return name == kind or name.startswith(f"{kind}_")


def _tasks(node: Any, who: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Tasks with an RDM, however many participants there are."""
    if isinstance(node, list):
        for inner in node:
            yield from _tasks(inner, who)
    elif isinstance(node, dict):
        if isinstance(node.get("rdm"), list) and node.get("stimuli"):
            yield who, str((node.get("task") or {}).get("name", "")), node
            return
        for name, inner in node.items():
            if isinstance(inner, dict | list):
                yield from _tasks(inner, who if name == "tasks" else str(name))


def _stacked(
    rdms: list[tuple[str, tuple[str, ...], np.ndarray]], path: Path
) -> Labelled:
    """RDMs of the same stimuli or of others, over all: NaN where one lacks a pair."""
    named = [(who, without_suffixes(labels), values) for who, labels, values in rdms]
    every = tuple(dict.fromkeys(label for _, labels, _ in named for label in labels))
    where = {label: place for place, label in enumerate(every)}
    n = len(every)
    stack = np.full((len(named), n, n), np.nan)
    for square, (who, labels, values) in zip(stack, named, strict=True):
        i, j = np.triu_indices(len(labels), 1)
        if len(values) != len(i) or len(set(labels)) != len(labels):
            raise InputError(
                f"{path}: {len(values)} dissimilarities of {who or 'its RDM'} for "
                f"{len(set(labels))} different stimuli; expected one for every pair."
            )
        at = np.array([where[label] for label in labels])
        square[at[i], at[j]] = square[at[j], at[i]] = values
        np.fill_diagonal(square, 0)
    found = Labelled(stack if len(stack) > 1 else stack[0], every, str(path))
    who = [name for name, _, _ in named]
    return found.noted(targets_note(path, "RDMs", who))
