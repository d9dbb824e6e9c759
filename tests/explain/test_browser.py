"""The page in a browser: opened, pointed at, clicked, without any network."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from jaxprune.explain import explain
from jaxprune.results import Pruning
from tests.explain.results import UNITS, result_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
ORDER = np.random.default_rng(5).permutation(UNITS)


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium on the path")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def saved(features, targets, tmp_path_factory):
    """Folder with a result and its page, and the result."""
    folder = tmp_path_factory.mktemp("page")
    channel, y, x = np.indices((6, 2, 2)).reshape(3, -1)
    units = {"channel": channel, "y": y, "x": x}
    result = result_of(features(), targets(), ORDER, 7, units=units)
    result.save(folder, figure=False)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (9, 20, 30, 3), dtype=np.uint8)
    kinds = {"kind": list("abcabcabc"), "number": np.arange(9.0)}
    explain(result, folder, features=features(), images=images, factors=kinds)
    return folder, Pruning.load(folder)


@pytest.fixture
def page(browser, saved):
    """The page, opened; whatever it logs or asks for is an error."""
    opened = browser.new_page(viewport={"width": 1100, "height": 900})
    opened.set_default_timeout(10_000)
    wrong = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: wrong.append(request.url))
    opened.goto((saved[0] / "report.html").as_uri())
    yield opened
    opened.close()
    asked = [w for w in wrong if not w.startswith(("file:", "data:"))]
    assert asked == []


def text(page, selector):
    return page.locator(selector).inner_text().replace("−", "-")


def score(said):
    size, found = re.match(r"([\d\u202f]+) units?: score (\S+)", said).groups()
    return int(size.replace("\u202f", "")), float(found.replace("−", "-"))


def point(page, selector, across, down=0.5):
    box = page.locator(selector).bounding_box()
    where = {"x": across * box["width"], "y": down * box["height"]}
    page.locator(selector).hover(position=where)


def test_the_pointer_reads_the_curve(page, saved):
    _, result = saved
    read = set()
    for across in (0.4, 0.6, 0.8):
        point(page, "#curve", across)
        size, found = score(text(page, "#pointed"))
        assert found == pytest.approx(result.curve[size - 1], abs=5e-4)
        read.add(size)
    assert len(read) == 3
    assert page.locator("#curve .hover line").count() == 1
    page.mouse.move(5, 5)
    assert text(page, "#pointed") == ""


def test_a_click_chooses_a_size_and_its_rdm(page, saved):
    _, result = saved
    size, found = score(text(page, "#chosen"))
    assert (size, found) == (7, pytest.approx(result.best_score, abs=5e-4))
    third = "[...document.querySelectorAll('.rdm canvas')][2].toDataURL()"
    before = page.evaluate(third)
    box = page.locator("#curve").bounding_box()
    page.mouse.click(box["x"] + 0.55 * box["width"], box["y"] + 60)
    size, found = score(text(page, "#chosen"))
    assert size != 7
    assert found == pytest.approx(result.curve[size - 1], abs=5e-4)
    assert page.evaluate(third) != before
    page.locator("#take-best").click()
    assert page.evaluate(third) == before
    page.locator("#take-all").click()
    assert score(text(page, "#chosen"))[0] == UNITS
    second = third.replace("[2]", "[1]")
    assert page.evaluate(third) == page.evaluate(second)


def test_cells_name_their_conditions_and_values(page, saved):
    _, result = saved
    panel = page.locator(".rdm").first
    box = panel.bounding_box()
    i, j = 2, 6
    panel.hover(
        position={
            "x": (j + 0.5) / 9 * box["width"],
            "y": (i + 0.5) / 9 * box["height"],
        }
    )
    shown = text(page, "#cell")
    assert "thing 2 (c)" in shown
    assert "thing 6 (a)" in shown
    assert page.locator("#cell img").count() == 2
    place = [*zip(*np.triu_indices(9, 1), strict=True)].index((i, j))
    values = [float(v) for v in re.findall(r"-?\d+\.\d{3}", shown)]
    rdms = (result.target_rdm, result.full_rdm, result.pruned_rdm)
    assert values == pytest.approx([rdm[place] for rdm in rdms], abs=6e-4)
    # The same by the keyboard, one cell to the right.
    panel.focus()
    page.keyboard.press("ArrowRight")
    assert "thing 7 (b)" in text(page, "#cell")
    assert page.locator(".marker:visible").count() == 3


def test_conditions_are_sorted(page):
    first = "document.querySelector('.rdm canvas').toDataURL()"
    before = page.evaluate(first)
    options = page.locator("#order option").all_inner_texts()
    assert options[0] == "as in the file"
    assert options[2] == "by category"
    page.locator("#order").select_option(label="by category")
    assert page.evaluate(first) != before
    page.locator(".rdm").first.hover(position={"x": 3, "y": 3})
    assert "thing 0 (a)" in text(page, "#cell")
    page.locator("#order").select_option("0")
    assert page.evaluate(first) == before


def test_the_slider_says_what_it_chooses(page, saved):
    slider = page.locator("#size")
    slider.focus()
    page.keyboard.press("End")
    assert score(slider.get_attribute("aria-valuetext"))[0] == UNITS
    page.keyboard.press("ArrowLeft")
    assert score(text(page, "#chosen"))[0] < UNITS


def test_bars_and_positions_say_what_they_are(page, saved):
    _, result = saved
    for anchor, count in (("#histogram", 82), ("#shares-0", 6)):
        assert page.locator(f"{anchor} rect[data-said]").count() == count
    page.locator("#map rect[data-said]").nth(1).hover()
    y, x = result.units["y"], result.units["x"]
    here = ((y == 0) & (x == 1))[result.retained].sum()
    assert text(page, "#map-said").startswith(f"row 1, column 2: {here} of 6 units")
    page.locator("#shares-0 rect[data-said]").first.hover()
    assert re.match(r"channel \d: \d of 4 units", text(page, "#shares-0-said"))


def test_conditions_in_the_text_have_their_pictures(page):
    named = page.locator("[data-condition]").count()
    assert named > 20
    assert page.locator("[data-condition] > img").count() == named


@pytest.mark.parametrize(
    ("look", "width"),
    [("light", 360), ("light", 1100), ("dark", 360), ("print", 680)],
)
def test_nothing_is_beyond_the_edge(browser, saved, look, width, tmp_path):
    scheme = "dark" if look == "dark" else "light"
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page.goto((saved[0] / "report.html").as_uri())
    page.emulate_media(media="print" if look == "print" else "screen")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as shot:
        corner = sum(shot.convert("RGB").getpixel((2, 2)))
    assert (corner < 150) == (look == "dark")
    page.close()


def test_without_a_script_there_is_a_word(browser, saved):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((saved[0] / "report.html").as_uri())
    assert "needs JavaScript" in page.locator(".static").inner_text()
    assert "kind 1" in page.locator("main").inner_text()


def test_the_page_of_several_targets(browser, saved, tmp_path):
    folder, one = saved
    two = replace(
        one,
        **{
            name: np.stack([getattr(one, name)] * 2)
            for name in ("importance", "order", "curve", "target_rdm", "pruned_rdm")
        },
        full_score=np.full(2, one.full_score),
        best_score=np.full(2, one.best_score),
        best_size=np.full(2, 7),
        retained=[one.retained] * 2,
    )
    two.save(tmp_path, figure=False)
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("#curve path.other").count() == 1
    assert page.locator("table tbody tr").count() == 2
    assert json.loads((tmp_path / "summary.json").read_text())["best_size"] == [7, 7]
    page.close()
