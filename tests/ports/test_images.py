import os

import h5py
import numpy as np
import pytest
from PIL import Image

import jaxprune_ports as jpp
from jaxprune_ports.images.folders import suffixes
from jaxprune_ports.images.images import UnreadableImage, open_image

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)


def save(path, pixels=PIXELS, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def test_folders_are_searched_and_sorted_naturally(tmp_path):
    for name in [
        "b/10.png",
        "b/2.PNG",
        "a/x/1.jpg",
        "B2/1.tif",
        "b/.2.png",
        ".c/1.png",
    ]:
        save(tmp_path / name)
    for litter in ("b/Thumbs.db", "desktop.ini", "__MACOSX/x.txt", "table.csv"):
        (tmp_path / litter).parent.mkdir(exist_ok=True)
        (tmp_path / litter).touch()
    images = jpp.open_images(tmp_path)
    assert images.left_out == images.empty == ()
    assert images.names == ("a/x/1.jpg", "b/2.PNG", "b/10.png", "B2/1.tif")
    assert images.folders == ("a", "b", "b", "B2")
    assert images.labels is None
    assert len(images) == 4
    np.testing.assert_array_equal(images.read(1), PIXELS)


def test_whatever_pillow_opens_is_an_image(tmp_path):
    kinds = {"jfif": "JPEG", "JPE": "JPEG", "jp2": "JPEG2000", "ico": "ICO"}
    kinds |= {"webp": "WEBP", "tga": "TGA", "tif": "TIFF", "gif": "GIF", "pbm": "PPM"}
    for suffix, kind in kinds.items():
        save(tmp_path / "dog" / f"1.{suffix}", format=kind)
    images = jpp.open_images(tmp_path)
    assert len(images) == len(kinds)
    assert {np.asarray(images.read(i)).shape for i in range(len(kinds))} == {(8, 6, 3)}
    assert not {".h5", ".pdf", ".eps", ".mpg", ".fits"} & set(suffixes())


def test_files_that_are_no_images_are_counted_and_named(tmp_path):
    save(tmp_path / "cat" / "1.png")
    save(tmp_path / "dog" / "1.png")
    for name in ("dog/2.heic", "dog/10", "notes.txt", "dog/x/rdm.mat", "dog/f.h5"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.warns(UserWarning, match=r"5 files of .* 'dog/2.heic', .* and 1 more"):
        images = jpp.open_images(tmp_path)
    others = ("dog/2.heic", "dog/10", "dog/f.h5", "dog/x/rdm.mat", "notes.txt")
    assert images.left_out == others
    assert jpp.conditions_of(images).labels == ("cat", "dog")


def test_conditions_without_an_image_are_an_error(tmp_path):
    save(tmp_path / "cat" / "1.png")
    (tmp_path / "dog" / "more").mkdir(parents=True)
    (tmp_path / "dog" / "more" / "1.heic").touch()
    (tmp_path / "cow").mkdir()
    with pytest.warns(UserWarning, match=r"1 file of .*'dog/more/1.heic'"):
        images = jpp.open_images(tmp_path)
    with pytest.raises(ValueError, match="'cow', 'dog' in .* would be a condition"):
        jpp.conditions_of(images)
    # Who names the conditions needs no folders.
    assert jpp.conditions_of(images, ["cat"]).labels == ("cat",)


@pytest.mark.parametrize("suffix", ["gif", "tif", "png", "webp"])
def test_further_frames_are_not_dropped(tmp_path, suffix):
    frames = [Image.fromarray(pixels) for pixels in (PIXELS, 255 - PIXELS)]
    frames[0].save(tmp_path / f"x.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImage, match=f"x.{suffix} .*it holds 2 images; save"):
        open_image(tmp_path / f"x.{suffix}")


def test_previews_in_a_photograph_are_no_images(tmp_path):
    frames = [Image.fromarray(pixels) for pixels in (PIXELS, 255 - PIXELS)]
    options = {"format": "MPO", "save_all": True, "append_images": frames[1:]}
    frames[0].save(tmp_path / "x.jpg", **options)
    assert open_image(tmp_path / "x.jpg").size == (6, 8)


def test_flat_folders_have_no_folders(tmp_path):
    save(tmp_path / "a.png")
    assert jpp.open_images(str(tmp_path)).folders is None


def test_empty_folders_say_what_was_looked_for(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match="no image.*webp.*there are 'notes.txt'"):
        jpp.open_images(tmp_path)


def test_places_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent does not exist; relative"):
        jpp.open_images(tmp_path / "absent")
    (tmp_path / "x.csv").touch()
    with pytest.raises(ValueError, match=r"x.csv ends in '.csv'; expected a folder"):
        jpp.open_images(tmp_path / "x.csv")
    with pytest.raises(ValueError, match="key: 'x' was given with the folder"):
        jpp.open_images(tmp_path, key="x")
    with pytest.raises(ValueError, match="expected a path or an array, got a list"):
        jpp.open_images([1, 2])


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA", "CMYK"])
def test_modes_become_rgb(tmp_path, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    image = Image.fromarray(PIXELS).convert(mode)
    options = {"transparency": b"\0\x80"} if mode == "P" else {}
    read = open_image(save(tmp_path / f"x.{suffix}", image, **options))
    assert read.mode == "RGB"
    np.testing.assert_array_equal(read, image.convert("RGB"))


def test_16_bits_are_not_clipped(tmp_path):
    path = save(tmp_path / "x.png", np.full((4, 4), 3000, np.uint16))
    with pytest.raises(
        ValueError, match=r"x.png could not be read: .*more than 8 bits"
    ):
        open_image(path)


def test_damaged_files_are_named(tmp_path):
    whole = save(tmp_path / "a.jpg", np.tile(PIXELS, (20, 20, 1))).read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.png").write_bytes(b"\x89PNG nonsense")
    (tmp_path / "c.png").touch()
    images = jpp.open_images(tmp_path)
    for i, name in enumerate(images.names):
        with pytest.raises(UnreadableImage, match=f"{name} could not be read"):
            images.read(i)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(UnreadableImage, match="a.jpg of .* could not be read"):
        images.read(0)


@pytest.mark.parametrize("shape", [(3, 8, 6), (3, 8, 6, 3)])
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5"])
def test_array_files(tmp_path, shape, suffix):
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    path = tmp_path / f"images{suffix}"
    labels = ["b", "a", "b"]
    if suffix == ".npy":
        np.save(path, array)
    elif suffix == ".npz":
        np.savez(path, x=array, labels=labels, weights=np.ones(3), meta=np.array({}))
    else:
        with h5py.File(path, "w") as file:
            file["set/x"], file["set/labels"] = array, labels
            file["weights"] = np.ones(3)
    images = jpp.open_images(path)
    assert images.names == ("0", "1", "2")
    assert images.folders is None
    assert images.labels == (None if suffix == ".npy" else ("b", "a", "b"))
    for i, image in enumerate(array):
        np.testing.assert_array_equal(images.read(i), image)


def test_one_of_several_arrays(tmp_path):
    path = tmp_path / "two.npz"
    np.savez(path, a=np.zeros((2, 8, 6), np.uint8), b=np.ones((3, 8, 6), np.uint8))
    assert len(jpp.open_images(path, key="b")) == 3
    with pytest.raises(ValueError, match=r"2 arrays of 8-bit images(.|\n)*a: uint8"):
        jpp.open_images(path)
    with pytest.raises(ValueError, match="no array 'c'; it has"):
        jpp.open_images(path, key="c")
    np.save(tmp_path / "one.npy", np.zeros((2, 8, 6), np.uint8))
    with pytest.raises(ValueError, match="which holds one array without a name"):
        jpp.open_images(tmp_path / "one.npy", key="c")


def test_labels_that_cannot_be_used_are_not_dropped(tmp_path):
    path, x = tmp_path / "x.npz", np.zeros((2, 8, 6), np.uint8)
    np.savez(path, x=x, labels=np.array(["a", "b"], object))
    with pytest.raises(ValueError, match="the labels in .* are Python objects"):
        jpp.open_images(path)
    np.savez(path, x=x, labels=[["a"], ["b"]])
    assert jpp.open_images(path).labels == ("a", "b")
    np.savez(path, x=x, labels=["a", "b"], conditions=["a", "a"])
    with pytest.raises(ValueError, match="holds labels and conditions, which differ"):
        jpp.open_images(path)
    np.savez(path, x=x, labels=["a", "b"], conditions=["a", "b", "c"])
    assert jpp.open_images(path).labels == ("a", "b")


def test_labels_that_are_missing_are_no_label(tmp_path):
    path = tmp_path / "x.npz"
    for labels in ([1, np.nan], ["a", ""]):
        np.savez(path, x=np.zeros((2, 8, 6), np.uint8), labels=labels)
        with pytest.raises(ValueError, match=r"labels. has no label for 1 .*numbers 1"):
            jpp.open_images(path)


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.zeros((2, 8, 6, 3)), "float64 of shape.*convert to 8 bits"),
        (np.zeros((2, 3, 8, 6), np.uint8), "channels last"),
        (PIXELS, "a single image needs an axis"),
        (PIXELS[None][:0], "at least one image"),
        (PIXELS[None][:, :0], "images of 6 x 0 pixels"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, match):
    with pytest.raises(ValueError, match=match):
        jpp.open_images(array)
    for save_as, suffix in [(np.save, "npy"), (np.savez, "npz")]:
        path = tmp_path / f"x.{suffix}"
        save_as(path, array)
        with pytest.raises(ValueError, match=match):
            jpp.open_images(path)


def test_damaged_array_files(tmp_path):
    for suffix in ("npy", "npz", "h5"):
        path = tmp_path / f"x.{suffix}"
        path.write_bytes(b"nonsense")
        with pytest.raises(ValueError, match=f"{path} could not be read as .{suffix}"):
            jpp.open_images(path)


def test_stamps_change_with_the_images(tmp_path):
    array = np.stack([PIXELS, PIXELS, 255 - PIXELS])
    stamps = [jpp.open_images(array).stamp(i) for i in range(3)]
    assert stamps[0] == stamps[1] != stamps[2]
    save(tmp_path / "a.png")
    images = jpp.open_images(tmp_path)
    before = images.stamp(0)
    save(tmp_path / "a.png", PIXELS[:4])
    assert images.stamp(0) != before


def test_links_that_lead_back_are_not_followed(tmp_path):
    save(tmp_path / "all" / "a" / "1.png")
    save(tmp_path / "b" / "2.png")
    (tmp_path / "all" / "a" / "up").symlink_to(tmp_path / "all")
    (tmp_path / "all" / "b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "back").symlink_to(tmp_path / "all")
    assert jpp.open_images(tmp_path / "all").names == ("a/1.png", "b/2.png")


def test_folders_that_cannot_be_listed_are_not_passed_over(tmp_path, monkeypatch):
    save(tmp_path / "a" / "1.png")
    save(tmp_path / "b" / "1.png")
    scandir = os.scandir

    def locked(path):
        if os.fspath(path).endswith("b"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    with pytest.raises(PermissionError, match=r"images: .*b cannot be read \(Perm"):
        jpp.open_images(tmp_path)
