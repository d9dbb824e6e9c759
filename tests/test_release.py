"""What a release is made of: recipe, workflows and paper, held against the project."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
RELEASE = ROOT / "docs" / "release"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PYPROJECT = tomllib.loads(read("pyproject.toml"))
PROJECT = PYPROJECT["project"]
RECIPE = yaml.safe_load(read("docs/release/recipe.yaml"))
PAPER = read("docs/release/paper.md").split("---\n", 2)[2]
BIBLIOGRAPHY = read("docs/release/paper.bib")


def named(classifier):
    """Versions that the classifiers name."""
    found = (line.removeprefix(classifier) for line in PROJECT["classifiers"])
    return [name for name in found if re.fullmatch(r"3\.\d+", name)]


def test_recipe_requires_what_the_project_requires():
    context, wanted = RECIPE["context"], RECIPE["requirements"]
    assert RECIPE["package"]["name"] == PROJECT["name"]
    assert context["version"] == PROJECT["version"]
    assert f">={context['python_min']}" == PROJECT["requires-python"]
    # conda-forge calls it so where the toolkits of windows are left out.
    conda = {"matplotlib": "matplotlib-base"}
    required = [it.partition(">=") for it in PROJECT["dependencies"]]
    run = [f"{conda.get(name, name)} >={version}" for name, _, version in required]
    assert wanted["run"] == ["python >=${{ python_min }}", *run]
    (backend,) = PYPROJECT["build-system"]["requires"]
    assert backend.replace(">=", " >=") in wanted["host"]
    (script,) = PROJECT["scripts"].items()
    assert RECIPE["build"]["python"]["entry_points"] == [" = ".join(script)]
    assert RECIPE["about"]["license"] == PROJECT["license"]
    assert RECIPE["about"]["license_file"] in PROJECT["license-files"]


def test_recipe_is_of_the_sdist_beside_it():
    (path,) = RECIPE["source"].values()
    sdist = path.replace("${{ version }}", RECIPE["context"]["version"])
    built = ROOT / "dist" / f"{PROJECT['name']}-{PROJECT['version']}.tar.gz"
    assert (RELEASE / sdist).resolve() == built
    assert "://" not in read("docs/release/recipe.yaml")


def test_tests_run_on_every_python_and_system():
    job = yaml.safe_load(read(".github/workflows/tests.yml"))["jobs"]["tests"]
    python = named("Programming Language :: Python :: ")
    assert job["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest", "windows-latest"],
        "python": python,
    }
    # The README's own command, so that the two cannot drift apart.
    (command,) = re.findall(r"(?m)^pip install .* && pytest$", read("README.md"))
    assert job["steps"][-1]["run"] == command


def test_only_a_tag_is_published():
    jobs = yaml.safe_load(read(".github/workflows/release.yml"))["jobs"]
    assert ".ci/package dist" in jobs["package"]["steps"][-2]["run"]
    publish = jobs["publish"]
    assert publish["if"] == "github.ref_type == 'tag'"
    assert publish["needs"] == "package"
    assert publish["permissions"] == {"id-token": "write"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_name_no_host_and_no_secret(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"://|secrets\.|password:|self-hosted", text)
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert [
        action for action in uses if not re.fullmatch(r"\S+@[0-9a-f]{40}", action)
    ] == []


def test_paper_has_what_the_journal_asks_for():
    # Titles and length: https://joss.readthedocs.io/en/latest/paper.html
    assert re.findall(r"(?m)^# (.*)$", PAPER) == [
        "Summary",
        "Statement of need",
        "State of the field",
        "Software design",
        "Research impact statement",
        "AI usage disclosure",
        "Acknowledgements",
        "References",
    ]
    assert 750 <= len(PAPER.split()) <= 1750


def test_paper_cites_what_its_bibliography_lists():
    entries = re.findall(r"(?ms)^@\w+\{(\w+),\n(.*?)^\}", BIBLIOGRAPHY)
    assert set(re.findall(r"@(\w+)", PAPER)) == {key for key, _ in entries}
    lost = [key for key, fields in entries if not re.search(r"\b(doi|url) +=", fields)]
    assert lost == []
    # The papers that the software asks to be cited are cited.
    cited = re.findall(r"(?m)^    (?:doi|url): (\S+)$", read("CITATION.cff"))
    assert [source for source in cited if source not in BIBLIOGRAPHY] == []


@pytest.mark.parametrize(
    ("said", "page", "measured"),
    [
        ("6 s for 4,096 units", "RESULTS", "| script, joblib on 2 cores | 6.07 s ("),
        ("2 minutes for 25,088", "RESULTS", "| script, joblib on 2 cores | 120 s ("),
        (
            "54 minutes for 200,704",
            "RESULTS",
            "| script, joblib on 2 cores | 54.4 min (",
        ),
        ("would take 16 minutes", "RESULTS", "| rsatoolbox loop | 15.9 min ("),
        ("17 ms for 144 × 4,096", "RESULTS", "| jaxprune, float64 | 16.7 ms ("),
        ("(364 times faster", "RESULTS", "| 364x | 6.07 s |"),
        ("45 ms for 92 × 25,088", "RESULTS", "| jaxprune, float64 | 44.9 ms ("),
        ("87 ms for 32 × 200,704", "RESULTS", "| jaxprune, float64 | 86.6 ms ("),
        ("8e-16 at most", "RESULTS", "| <= 1e-12 | 7.9e-16 |"),
        (
            ".00 by all units and of .45",
            "INFERENCE",
            ".00 before pruning and .45 after",
        ),
        ("p = .68", "INFERENCE", "| pruned score, whole pruning redone | .68 |"),
        ("take a minute on two cores", "INFERENCE", "1,000 take a minute"),
        (".375 to .590", "INFERENCE", "| 0.590 | 0.446 | +0.081 (+0.034 to +0.128) |"),
        ("reaches .712", "INFERENCE", "| .712 (.663 to .761) |"),
    ],
)
def test_paper_quotes_what_was_measured(said, page, measured):
    assert said in PAPER
    assert measured in read(f"benchmarks/{page}.md")
