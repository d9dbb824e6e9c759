"""Reports: one file, nothing from outside, everything escaped, readable by anyone."""

import base64
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from jaxprune.report import Compared, Report
from jaxprune.report.numbers import cell, number, printed

VOID = {"meta", "img", "br", "link"}
HOSTILE = '<script>alert("1")</script> & "quoted" \'too\''


class Page(HTMLParser):
    """Elements of a page, which have to be balanced, and the text of cells."""

    def __init__(self, html):
        super().__init__()
        self.open, self.inside, self.elements, self.text = [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.text.append("")
        if tag not in VOID:
            self.open.append(tag)
            self.inside.append(len(self.text) - 1)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.inside.pop()

    def handle_data(self, data):
        if self.inside:
            self.text[self.inside[-1]] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def texts(self, *tags):
        pairs = zip(self.elements, self.text, strict=True)
        return [text.strip() for (tag, _), text in pairs if tag in tags]


def drawing(points=10, size=(6, 4)):
    figure = Figure(figsize=size)
    figure.add_subplot().plot(np.random.default_rng(0).random(points))
    return figure


@pytest.fixture(scope="module")
def report():
    return (
        Report(HOSTILE, f"lead {HOSTILE}")
        .facts({HOSTILE: HOSTILE, "units": 200_704, "seed": None})
        .heading(HOSTILE)
        .paragraph(HOSTILE)
        .table(["a", HOSTILE], [[HOSTILE, 1], ["x", None]], HOSTILE, note=HOSTILE)
        .heading("two")
        .comparison([Compared(HOSTILE, 0.3, ".28", tolerance=0.08)])
        .heading("three")
        .figure(drawing(), caption=HOSTILE, alt=HOSTILE)
        .heading("below", level=3)
    )


@pytest.fixture(scope="module")
def page(report):
    return Page(report.html())


def test_nothing_is_loaded_from_elsewhere(page):
    for _, attributes in page.elements:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/"))
    style = page.texts("style")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert not page.all("script")
    assert not page.all("link")


def test_all_text_is_escaped_wherever_it_comes_from(report, page):
    html = report.html()
    assert "<script" not in html
    assert HOSTILE in page.texts("title")
    assert HOSTILE in page.texts("h1")
    assert page.texts("p").count(HOSTILE) == 2  # the paragraph and the note
    assert page.texts("th", "dt", "dd", "caption").count(HOSTILE) == 6
    assert page.all("img")[0]["alt"] == HOSTILE


def test_a_screen_reader_finds_its_way(page):
    assert page.all("html")[0]["lang"] == "en"
    assert all(image["alt"] for image in page.all("img"))
    assert {header.get("scope") for header in page.all("th")} == {"col", "row"}
    assert len(page.all("caption")) == len(page.all("table")) == 2
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_contents_link_to_the_sections(page):
    links = [link["href"][1:] for link in page.all("a")]
    anchors = [heading["id"] for heading in page.all("h2")]
    assert links == anchors
    assert len(set(anchors)) == 3


def test_short_reports_have_no_contents():
    assert not Page(Report("title").heading("one").html()).all("nav")


def test_a_report_is_not_changed_by_adding_to_it():
    short = Report("title")
    assert len(short.paragraph("more").sections) == 1
    assert short.sections == ()


def test_columns_of_numbers_are_aligned_and_missing_values_shown():
    rows = [["V1", 200_704, 0.5], ["V2", None, float("nan")]]
    page = Page(Report("t").table(["area", "units", "r"], rows, "caption").html())
    assert [cell.get("class") for cell in page.all("td")] == ["number"] * 4
    assert page.texts("td") == ["200\u202f704", "0.500", "–", "n.d."]


def test_tables_without_rows_still_name_their_columns():
    page = Page(Report("t").table(["area", "units"], [], "caption").html())
    assert page.texts("th") == ["area", "units"]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"rows\[1\] has 1 values, columns 2"):
        Report("t").table(["a", "b"], [["x", 1], ["y"]], "caption")


def test_comparison_puts_numbers_side_by_side():
    rows = [
        Compared("close", 0.36, ".28", tolerance=0.08),
        Compared("far", 0.1, ".28", tolerance=0.08),
        Compared("no tolerance", 0.25, 0.5),
        Compared("not published", 0.5, None, tolerance=0.1),
        Compared("not computed", None, "1.0", tolerance=0.1),
        Compared("undefined", float("nan"), "0.5", tolerance=0.1),
    ]
    page = Page(Report("t").comparison(rows).html())
    cells = np.reshape(page.texts("td"), (6, 4))
    assert cells[:, :3].tolist() == [
        ["0.360", "0.28", "+0.080"],
        ["0.100", "0.28", "−0.180"],
        ["0.250", "0.500", "−0.250"],
        ["0.500", "–", "–"],
        ["–", "1.0", "–"],
        ["n.d.", "0.5", "n.d."],
    ]
    assert cells[2:, 3].tolist() == ["–"] * 4
    spans = zip(page.all("span"), page.texts("span"), strict=True)
    shown = [(span.get("class"), text) for span, text in spans]
    # A sign and words, so that colour is not all there is.
    assert shown == [
        ("close", "within ±0.08"),
        (None, "✓"),
        ("far", "beyond ±0.08"),
        (None, "✗"),
    ]
    assert [row.close for row in rows] == [True, False, None, None, None, None]


def test_without_tolerance_no_agreement_is_claimed():
    page = Page(Report("t").comparison([Compared("x", 0.1, 0.2)]).html())
    assert page.texts("th")[:4] == ["quantity", "ours", "published", "difference"]
    assert len(page.all("td")) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0, "0"),
        (-0.0004, "−4.0 × 10⁻⁴"),
        (0.0005, "0.001"),
        (1234.5, "1\u202f234.500"),
        (3e7, "3.0 × 10⁷"),
        (np.float32(0.5), "0.500"),
        (np.int64(12_345), "12\u202f345"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_words_stay_words():
    assert [cell(value) for value in (None, False, np.True_, "a-b")] == [
        "–",
        "no",
        "yes",
        "a-b",
    ]


def test_a_published_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"published='8 %' is not a number"):
        printed("8 %")


def test_figures_are_numbered_and_the_same_each_time():
    report = Report("t").figure(drawing(), "first", "alt").figure(drawing(), "2", "alt")
    again = Page(Report("t").figure(drawing(), "first", "alt").html())
    images = Page(report.html()).all("img")
    assert images[0]["src"] == images[1]["src"] == again.all("img")[0]["src"]
    kind, content = images[0]["src"].split(",")
    assert kind == "data:image/svg+xml;base64"
    assert b"<svg" in base64.b64decode(content)
    assert Page(report.html()).texts("b") == ["Figure 1.", "Figure 2."]


def test_large_drawings_become_pictures():
    figure = Figure(figsize=(3, 3))
    figure.add_subplot().scatter(*np.random.default_rng(0).random((2, 20_000)))
    source = Page(Report("t").figure(figure, "c", "alt").html()).all("img")[0]["src"]
    assert source.startswith("data:image/png;base64,")


def test_a_figure_needs_words_for_who_does_not_see_it():
    with pytest.raises(ValueError, match="alt=' ': expected a sentence"):
        Report("t").figure(drawing(), "caption", " ")


def test_only_levels_2_and_3():
    with pytest.raises(ValueError, match="level=1"):
        Report("t").heading("text", level=1)


def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path, report):
    path = tmp_path / "report.html"
    path.write_text("earlier")
    assert report.write(path) == path
    assert path.read_text(encoding="utf-8") == report.html()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_earlier_file(tmp_path, report, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("earlier")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        report.write(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "earlier"
