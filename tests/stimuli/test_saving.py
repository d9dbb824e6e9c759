"""Files of stimuli, the contact sheet, and views of a set by factor."""

import csv

import numpy as np
import pytest
from PIL import Image

import jaxprune_ports as ports
from jaxprune.stimuli import (
    contact_sheet,
    dot_arrays,
    load_stimuli,
    nasr,
    one_to_ten,
    park35,
    save_stimuli,
)
from jaxprune_ports.images.conditions import conditions_of


@pytest.fixture(scope="module")
def stimuli():
    return nasr(n_instances=2, seed=0)


def test_a_file_brings_everything_back(stimuli, tmp_path):
    path = save_stimuli(stimuli, tmp_path / "new" / "stimuli.npz")
    loaded = load_stimuli(path)
    for name in ("images", "condition"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(stimuli, name))
    for name in stimuli.table.dtype.names:
        np.testing.assert_array_equal(loaded.table[name], stimuli.table[name])
    assert loaded.labels == stimuli.labels
    assert loaded.table.dtype == stimuli.table.dtype
    assert list(loaded.factors) == list(stimuli.factors)
    for name, levels in stimuli.factors.items():
        np.testing.assert_array_equal(loaded.factors[name], levels)
    assert (loaded.across, loaded.unit) == (224.0, "px")


def test_networks_find_images_and_conditions_in_the_file(stimuli, tmp_path):
    path = save_stimuli(stimuli, tmp_path / "stimuli.npz")
    images = ports.open_images(path)
    assert len(images) == len(stimuli.images)
    found = conditions_of(images)
    assert found.labels == stimuli.labels
    np.testing.assert_array_equal(found.index, stimuli.condition)


def test_networks_find_images_and_conditions_in_the_folder(tmp_path):
    stimuli = one_to_ten(n_instances=11)
    folder = save_stimuli(stimuli, tmp_path / "stimuli")
    images = ports.open_images(folder)
    assert len(images) == 110
    found = conditions_of(images, folder / "table.csv")
    assert found.labels == stimuli.labels == conditions_of(images).labels
    drawn = np.asarray(Image.open(folder / "n10" / "03.png"))
    np.testing.assert_array_equal(drawn, stimuli.images[9 * 11 + 3])
    with (folder / "table.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows[:2]] == ["n01/00.png", "n01/01.png"]
    assert [float(row["total_area"]) for row in rows] == pytest.approx(
        stimuli.table["total_area"].tolist()
    )
    assert [int(row["numerosity_level"]) for row in rows] == (
        stimuli.levels("numerosity").tolist()
    )


def test_files_that_cannot_be_used(stimuli, tmp_path):
    with pytest.raises(ValueError, match=r"stimuli.mat ends in '.mat'; expected .npz"):
        save_stimuli(stimuli, tmp_path / "stimuli.mat")
    (tmp_path / "a.txt").write_text("here already")
    with pytest.raises(ValueError, match="holds files; expected a new or an empty one"):
        save_stimuli(stimuli, tmp_path)
    with pytest.raises(ValueError, match=r"a.txt is not a .npz file"):
        load_stimuli(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError):
        load_stimuli(tmp_path / "b.npz")
    np.savez(tmp_path / "other.npz", images=stimuli.images, labels=np.zeros(3))
    with pytest.raises(ValueError, match="holds no across, condition, unit; expected"):
        load_stimuli(tmp_path / "other.npz")


def test_views_by_image_and_by_condition(stimuli):
    np.testing.assert_array_equal(
        stimuli.levels("numerosity"), stimuli.table["numerosity"]
    )
    assert stimuli.image_labels.tolist() == [x for x in stimuli.labels for _ in "ab"]
    mean = stimuli.condition_means("hull_area")
    assert mean.shape == (48,)
    assert mean[3] == pytest.approx(stimuli.table["hull_area"][6:8].mean())
    with pytest.raises(ValueError, match="expected one of numerosity, set, got 'n'"):
        stimuli.levels("n")


def test_the_sheet_shows_each_condition_in_its_place(stimuli):
    sheet = contact_sheet(stimuli, tile=224, instance=1)
    # 16 numerosities in a row, 3 sets; margins of 8, lines of 16 pixels.
    assert sheet.shape == (3 * (224 + 24) + 8, 16 * 232 + 8)
    for row, column in ((0, 0), (1, 5), (2, 15)):
        y, x = 8 + row * 248, 8 + column * 232
        image = stimuli.images[(row * 16 + column) * 2 + 1]
        np.testing.assert_array_equal(sheet[y : y + 224, x : x + 224], image)
        assert sheet[y + 224 : y + 240, x : x + 224].min() < 128, "a label"


@pytest.mark.parametrize(
    ("design", "columns"), [(one_to_ten, 10), (park35, 9), (dot_arrays, 9)]
)
def test_a_row_holds_the_conditions_of_a_level(design, columns):
    sheet = contact_sheet(design(n_instances=1), tile=40)
    assert sheet.shape[1] == columns * 48 + 8


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"per_row": 0}, "per_row=0"),
        ({"tile": 0}, "tile=0"),
        ({"instance": 2}, "instance: expected 0 to 1, got 2"),
    ],
)
def test_sheets_that_cannot_be_drawn(stimuli, options, match):
    with pytest.raises(ValueError, match=match):
        contact_sheet(stimuli, **options)
