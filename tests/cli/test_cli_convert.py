"""`jaxprune convert`: files, parts of networks, and downloads without a network."""

import hashlib
import io
import json
import socket
from dataclasses import replace
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

import jax
import numpy as np
import pytest
from flax import nnx

import jaxprune_ports as jpp
from jaxprune.cli import main
from jaxprune_ports.networks.registry import NETWORKS

URL = NETWORKS["cornet_z"].url


def weights(net):
    return jax.tree.leaves(nnx.to_pure_dict(nnx.split(net)[1]))


def error(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jaxprune: error: ")
    return err


def test_file(here, capsys):
    assert main(["convert", "cornet_z", "cornet_z.safetensors", "--out", "net"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "network       cornet_z",
        "source        cornet_z.safetensors",
    ]
    sha256 = hashlib.sha256(Path("cornet_z.safetensors").read_bytes()).hexdigest()
    assert lines[2:4] == [
        f"sha256        {sha256}",
        "layers        V1 V2 V4 IT logits",
    ]
    assert max(map(len, lines)) <= 80
    expected = jpp.from_torch("cornet_z", "cornet_z.safetensors")
    for ours, theirs in zip(weights(jpp.load("net")), weights(expected), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_part_of_a_network(here, capsys):
    trunk = ["convert", "cornet_z", "trunk.safetensors", "--out", "net"]
    assert main(trunk) == 2
    said = error(capsys)
    assert "allow that with --partial; missing: decoder.linear.bias (1000,)" in said
    assert said.count("\n") == 1
    assert not Path("net").exists()
    assert main([*trunk, "--partial"]) == 0
    out = capsys.readouterr().out
    assert "layers        V1 V2 V4 IT\n" in out
    assert "missing       decoder.linear.bias decoder.linear.weight\n" in out
    assert jpp.load("net").layers == ("V1", "V2", "V4", "IT")


def test_long_list_is_not_put_on_one_line(here, capsys):
    assert main(["convert", "vgg16", "cornet_z.safetensors", "--out", "net"]) == 2
    lines = error(capsys).splitlines()
    assert lines[0].endswith("none of its entries is one of this network.")
    assert "  missing: features.0.weight (64, 3, 3, 3)" in lines
    assert "  unexpected: V1.conv.bias (64,)" in lines


def test_quiet(here, capsys):
    file = "cornet_z.safetensors"
    assert main(["convert", "cornet_z", file, "--out", "net", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["cornet_z"], "neither of WEIGHTS and --pretrained given"),
        (["cornet_z", "x.pth", "--pretrained"], "both of WEIGHTS and --pretrained"),
        (["cornet", "x.pth"], "network: 'cornet' is not known; expected one of"),
        (["cornet_z", "absent.pth"], "absent.pth does not exist"),
        (["cornet_z", "cut.safetensors"], "could not be read; is it complete?"),
        (["cornet_z", "cornet_z"], "cornet_z is a folder; expected a .pth"),
        (["cornet_z", "cornet_z.safetensors", "--out", "pictures"], "holds no network"),
        (["lenet5", "--pretrained"], "no checkpoint of lenet5 is published"),
    ],
)
def test_user_errors(here, capsys, argv, said):
    whole = Path("cornet_z.safetensors").read_bytes()
    Path("cut.safetensors").write_bytes(whole[:1000])
    assert main(["convert", "--out", "net", *argv]) == 2
    line = error(capsys)
    assert said in line
    assert line.count("\n") == 1


# --- --pretrained, against a stub in place of the internet ---------------------------


OTHER = hashlib.sha256(b"other").hexdigest()


class Response(io.BytesIO):
    def __init__(self, content, length=None):
        super().__init__(content)
        self.headers = {"Content-Length": str(length or len(content))}


@pytest.fixture
def internet(monkeypatch):
    """Function that sets what comes of a download."""

    def answer(found):
        def urlopen(url, timeout):
            assert url == URL
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr("jaxprune_ports.weights.download.urlopen", urlopen)

    return answer


def pretrained():
    return main(["convert", "cornet_z", "--pretrained", "--out", "net"])


def test_download(here, capsys, internet, monkeypatch):
    content = Path("cornet_z.safetensors").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    url = "https://example.org/official-1234.safetensors"
    monkeypatch.setattr(f"{__name__}.URL", url)
    spec = replace(NETWORKS["cornet_z"], url=url, sha256=sha256[:8])
    monkeypatch.setitem(NETWORKS, "cornet_z", spec)
    internet(Response(content))
    assert pretrained() == 0
    assert "source        official-1234.safetensors\n" in capsys.readouterr().out
    source = json.loads(Path("net/manifest.json").read_text())["source"]
    assert (source["file"], source["sha256"]) == ("official-1234.safetensors", sha256)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            URLError(socket.gaierror(-2, "Name or service not known")),
            "no connection (Name or service not known)",
        ),
        (
            HTTPError(str(URL), 403, "Forbidden", Message(), io.BytesIO()),
            "the server answered HTTP 403 Forbidden",
        ),
        (TimeoutError("timed out"), "it broke off (timed out)"),
        (Response(b"half", 9), "the connection broke after 4 of 9 bytes"),
        (
            Response(b"other"),
            f"the file that came has sha256 {OTHER}, expected 5c427c9c",
        ),
    ],
)
def test_download_fails(here, capsys, internet, found, said):
    internet(found)
    assert pretrained() == 2
    line = error(capsys)
    assert f"downloading cornet_z failed: {said}" in line
    assert f"Download {URL} by hand" in line
    assert "jaxprune convert cornet_z FILE --out DIR" in line
    assert not Path("net").exists()
