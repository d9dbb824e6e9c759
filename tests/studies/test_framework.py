"""The framework of studies, with a study of two networks made here."""

import argparse
import csv
import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from jaxprune.report import Compared
from jaxprune.studies import framework
from jaxprune.studies.framework import Part, Study, option, seeds
from jaxprune.studies.framework.options import listed
from jaxprune.studies.framework.prose import Prose, Shown

REPORT = """
# Toy networks

{n} parts,
among them {n_odd} odd ones.

## Scores

{if: several}

Several
seeds.

{end}

{if not: several}

One seed.

{end}

{each: network}

{published: compared}
{network}
Note: A note of {network}.

{end}

{table: scores}
All scores

{table: nothing}
Left out, with its caption

### Settings

{facts: settings}

{remarks}
"""
PUBLISHED = """\
network,quantity,value,tolerance,source
a,score,.5,0.1,somebody
,n,2,,somebody
"""


@dataclass(frozen=True)
class Options(framework.Options):
    networks: tuple[str, ...] = option(
        ("a",), "names", choices=("a", "b"), metavar="NAMES", read=listed
    )
    seeds: tuple[int, ...] = seeds(0)
    n_images: int = option(3, "images", least=2, flag="--instances")
    n_others: int = option(5, "images", least=2, flag="--instances")
    weights: tuple[str, ...] = option((), "folder", repeated=True)
    hidden: int = option(1, least=1)


@pytest.fixture
def computed():
    return []


@pytest.fixture
def study(tmp_path, monkeypatch, computed):
    package = tmp_path / "toy_networks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "report.md").write_text(REPORT, encoding="utf-8")
    (package / "published.csv").write_text(PUBLISHED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def parts(options, run):
        for network in options.networks:
            for seed in options.seeds:

                def compute(network=network, seed=seed):
                    computed.append((network, seed))
                    return {"score": (seed + 1) / 2, "curve": np.arange(seed + 1)}

                about = {"network": network, "seed": seed}
                settings = {"n_images": options.n_images}
                yield Part(f"{network}-{seed}", settings, compute, about, network)

    def scores(found):
        """One row for each network and seed."""
        return [{**one.about, "score": one["score"]} for one in found]

    def compared(found):
        name = found.measured[0].about["network"]
        row = study.published.compared(
            "score", np.mean(found.column("score")), network=name
        )
        return [row] if row.published else []

    study = Study(
        module="toy_networks.study",
        about="Toy.",
        example="jaxprune study toy-networks --out toy",
        small=Options(),
        full=Options(networks=("a", "b"), seeds=(0, 1)),
        parts=parts,
        rows={"scores": scores, "empty": lambda found: []},
        figures={"curves": lambda found: None},
        shown={
            "compared": compared,
            "scores": lambda found: Shown(("network",), [("a",), ("b",)]),
            "nothing": lambda found: Shown(("network",), []),
        },
        words={
            "n": len,
            "n_odd": lambda found: len(found.where(seed=1)),
            "several": lambda found: len(found.options.seeds) > 1,
            "network": lambda found: found.measured[0].about["network"],
            "remarks": lambda found: ["First remark.", "Second remark."],
        },
        summary=lambda found: {"networks": list(found.options.networks)},
        screen=lambda found: f"{len(found)} parts",
        settings=lambda found: {"images": found.options.n_images},
    )
    return study


def test_a_study_is_named_after_its_folder(study):
    assert study.name == "toy-networks"


def test_parts_are_kept_and_taken(study, computed, tmp_path):
    said = []
    first = study.run(study.full, tmp_path / "out", report=said.append)
    assert computed == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert said[:2] == ["[1/4] a", "[2/4] a"]
    again = study.run(study.full, tmp_path / "out", report=said.append)
    assert len(computed) == 4
    assert said[-1] == "[4/4] b: done before"
    for one, other in zip(first, again, strict=True):
        assert one.about == other.about
        assert one.record == other.record == {"score": one["score"]}
        np.testing.assert_array_equal(one.arrays["curve"], other["curve"])
    # Other settings are other parts.
    study.run(replace(study.full, n_images=4), tmp_path / "out")
    assert len(computed) == 8


def test_nothing_is_kept_without_a_folder(study, computed):
    study.run()
    study.run()
    assert computed == [("a", 0)] * 2


def test_found_in_groups(study):
    found = study.run(study.full)
    assert list(found.groups("network")) == [("a",), ("b",)]
    assert found.where(network="b").column("score") == [0.5, 1.0]
    assert list(found.groups("network", "seed")[("b", 1)])[0]["score"] == 1
    assert not found.having("layer")
    assert found.column("layer") == [None] * 4


def test_files(study, tmp_path):
    (tmp_path / "empty.csv").touch()  # of an earlier run
    (tmp_path / "curves.png").touch()
    found = study.run(study.full)
    study.save(found, tmp_path)
    written = {name for name in study.files if (tmp_path / name).exists()}
    assert written == {"report.html", "summary.json", "scores.csv"}
    with (tmp_path / "scores.csv").open(encoding="utf-8") as file:
        assert [row["score"] for row in csv.DictReader(file)] == ["0.5", "1.0"] * 2
    content = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert list(content) == ["study", "settings", "networks", "seconds", "versions"]
    assert content["settings"]["n_images"] == 3
    assert "One row for each network and seed." in study.described_files()


def test_report(study):
    html = study.report(study.run(study.full), {}).html()
    assert "4 parts, among them 2 odd ones." in html
    assert "<p>Several seeds.</p>" in html
    assert "One seed." not in html
    # The mean of network a is .75, .25 above what was published; b was not.
    assert "A note of a." in html
    assert "+0.250" in html
    assert "beyond ±0.1" in html
    assert "A note of b." not in html
    assert "All scores" in html
    assert "Left out" not in html
    assert "<p>First remark.</p>\n<p>Second remark.</p>" in html
    alone = study.report(study.run(), {}).html()
    assert "One seed." in alone
    assert "Several" not in alone


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{unknown} thing", "{unknown} is not known; expected one of word"),
        ("{table: unknown}", "{unknown} is not known"),
        ("{if: word}\n\nText.", "has no {end}"),
        ("Text.\n\n{end}", "{end} is not known"),
    ],
)
def test_prose_that_will_not_do(text, message):
    prose = Prose({"word": lambda found: True}, {}, {})
    with pytest.raises(ValueError, match=message):
        prose.report(f"# Title\n\nLead.\n\n{text}", None)


def test_blocks_lie_in_blocks():
    words = {"yes": lambda found: True, "no": lambda found: False}
    text = "# T\n\nLead.\n\n{if: no}\n\n{if: yes}\n\nIn.\n\n{end}\n\n{end}\n\nAfter."
    html = Prose(words, {}, {}).report(text, None).html()
    assert "In." not in html
    assert "After." in html


def test_published(study):
    known = study.published
    assert known.value("score", network="a") == ".5"
    assert known.value("score", network="b") is None
    # An empty cell holds for all.
    assert known.value("n", network="b") == "2"
    assert known.compared("score", 0.55, "mine", network="a") == Compared(
        "mine", 0.55, ".5", 0.1
    )
    assert known.compared("other", 0.5).published is None


def test_options_of_the_command_line(study):
    parser = argparse.ArgumentParser()
    study.options.add_to(parser, study.small, study.full)
    args = [
        "--networks",
        "a,b",
        "--seeds",
        "3",
        "--instances",
        "7",
        "--weights",
        "x",
        "--weights",
        "y",
    ]
    given = study.options.given(parser.parse_args(args))
    chosen = replace(study.small, **given)
    assert chosen == Options(("a", "b"), (0, 1, 2), 7, 7, ("x", "y"))
    assert study.options.given(parser.parse_args([])) == {}
    text = " ".join(parser.format_help().split())
    assert "(default 1, with --full 2)" in text
    assert "may be given several times" in text
    assert "hidden" not in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"networks": ("a", "a")}, "expected some of a, b, each once"),
        ({"networks": ("c",)}, "networks="),
        ({"seeds": ()}, "seeds=.*expected at least one"),
        ({"seeds": (0, -1)}, "seeds=-1: expected a whole number of at least 0"),
        ({"n_images": 1.5}, "n_images=1.5: expected a whole number of at least 2"),
        ({"hidden": 0}, "hidden=0"),
    ],
)
def test_bad_options(given, message):
    with pytest.raises(ValueError, match=message):
        Options(**given)


def test_options_take_lists():
    assert Options(seeds=[0, 1]).seeds == (0, 1)
    assert Options().as_dict()["networks"] == ("a",)


def test_a_command_asks_for_options_once_it_is_chosen(monkeypatch, capsys):
    """No study is imported for the help of another command."""
    from jaxprune.cli import main
    from jaxprune.cli.commands import study as command

    asked = []
    real = command.study_named
    monkeypatch.setattr(
        command, "study_named", lambda name: asked.append(name) or real(name)
    )
    with pytest.raises(SystemExit):
        main(["study", "--help"])
    assert asked == []
    assert "small-cnn" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["study", "small-cnn", "--help"])
    assert asked == ["small-cnn"]
    assert "--cifar" in capsys.readouterr().out
