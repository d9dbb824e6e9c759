"""Layers of any module of PyTorch, read by hooks: what a plain pass gives."""

import numpy as np
import pytest

import jaxprune_ports as jpp

torch = pytest.importorskip("torch", reason="needs torch")
nn = torch.nn

N = 7


class Net(nn.Module):
    """Tuples, mappings, a module that is called twice, tokens, and dropout."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 4, 3)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout(0.5)
        self.both = Both()
        self.tokens = nn.Unflatten(1, (4, 36))
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        x = self.relu(self.conv(x))
        x = self.drop(self.relu(x - 0.1))
        self.both(x)
        return self.tokens(x.flatten(1))


class Both(nn.Module):
    def forward(self, x):
        return {"a": x[:, :1], "b": (x * 2), "n": 3, "i": x.argmax(1)}


@pytest.fixture(scope="module")
def net():
    return Net()


X = np.random.default_rng(0).normal(size=(N, 3, 8, 8)).astype(np.float32)


def test_equal_to_a_plain_pass(net):
    found = jpp.torch_activations(
        net, X, ["conv", "relu", "both", "drop"], batch_size=3
    )
    with torch.inference_mode():
        # In the same batches: sums are in another order for another size.
        parts = [torch.from_numpy(X[k : k + 3]) for k in range(0, N, 3)]
        conv = torch.cat([net.conv(part) for part in parts])
    once = conv.relu()
    twice = (once - 0.1).relu()
    expected = {
        "conv": conv,
        "relu": once,
        "relu@2": twice,
        "drop": twice,
        "both:a": twice[:, :1],
        "both:b": twice * 2,
    }
    assert set(found) == set(expected)
    for layer, values in expected.items():
        np.testing.assert_array_equal(found[layer], values.reshape(N, -1).numpy())
    assert net.training
    assert all(not module._forward_hooks for module in net.modules())


@pytest.mark.parametrize(
    ("token", "row"),
    [("cls", 0), ("last", 3), ("mean", slice(None)), ("all", slice(None))],
)
def test_tokens_without_a_mask(net, token, row):
    found = jpp.torch_activations(net, X, ["tokens"], token=token)["tokens"]
    values = jpp.torch_activations(net, X, ["drop"])["drop"].reshape(N, 4, 36)[:, row]
    if token == "mean":
        values = values.mean(1)
    np.testing.assert_allclose(found, values.reshape(N, -1), rtol=1e-6)


@pytest.mark.parametrize("left", [False, True])
def test_masks_keep_tokens(left):
    class Embed(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding.from_pretrained(torch.arange(10.0)[:, None])

        def forward(self, input_ids, attention_mask):
            return self.table(input_ids)

    ids, mask = [[3, 5, 9, 9], [2, 4, 6, 8]], [[1, 1, 0, 0], [1, 1, 1, 1]]
    if left:
        ids, mask = ([row[::-1] for row in rows] for rows in (ids, mask))
    inputs = {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
    found = {
        token: jpp.torch_activations(Embed(), inputs, ["table"], token=token)["table"]
        for token in ("cls", "mean", "last")
    }
    ends = [[3], [2]], [[5], [8]]
    first, last = ends[::-1] if left else ends
    assert found["cls"].tolist() == first
    assert found["last"].tolist() == last
    assert found["mean"].tolist() == [[4], [5]]


def test_single_outputs(net):
    found = jpp.torch_activations(net, X, ["relu@2", "both:b"])
    assert list(found) == ["relu@2", "both:b"]
    whole = jpp.torch_activations(net, X, ["relu", "both"])
    for layer, values in found.items():
        np.testing.assert_array_equal(values, whole[layer])
    with pytest.raises(ValueError, match=r"'both:i' .* puts out both:a, both:b"):
        jpp.torch_activations(net, X, ["both:i"])


def test_half_precision_and_patterns(net):
    half = Net().to(torch.bfloat16)
    inputs = torch.from_numpy(X).to(torch.bfloat16)
    found = jpp.torch_activations(half, inputs, ["con*", "re?u"])
    assert list(found) == ["conv", "relu", "relu@2"]
    assert found["conv"].dtype == np.float32


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        (["covn"], {}, "no layer is called 'covn'; expected one of 'conv'"),
        ([], {}, "none given"),
        (["unused"], {}, "'unused' puts out no tensor"),
        (
            ["tokens"],
            {},
            r"puts out \(inputs, tokens, width\).* expected token: one of",
        ),
        (["tokens"], {"token": "first"}, "token='first' is not known"),
        (["conv"], {"batch_size": 0}, "batch_size=0: expected at least 1"),
    ],
)
def test_bad_requests(net, layers, options, message):
    with pytest.raises(ValueError, match=message):
        jpp.torch_activations(net, X, layers, **options)
    with pytest.raises(ValueError, match=r"inputs have \[0\] rows"):
        jpp.torch_activations(net, X[:0], ["conv"])
    assert net.training


# --- Texts through a language model ---------------------------------------------------

WORDS = ["cat", "dog", "a rather long description of an owl", "unbelievable"]


@pytest.fixture(scope="module")
def minilm(data_dir):
    pytest.importorskip("transformers", reason="needs transformers")
    return data_dir / "minilm"


def hidden_states(folder, texts):
    from jaxprune_ports.modules.torchvision import import_torchvision

    import_torchvision()
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    out = []
    with torch.inference_mode():
        for text in texts:  # one by one: nothing is padded
            states = model(
                **tokenizer(text, return_tensors="pt"), output_hidden_states=True
            )
            out.append([state[0].numpy() for state in states.hidden_states])
    return out


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "token", ["mean", pytest.param("cls", marks=SLOW), pytest.param("last", marks=SLOW)]
)
def test_texts(minilm, tmp_path, monkeypatch, token, capsys):
    from jaxprune.cli import main
    from jaxprune.io import load_features

    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    argv = ["extract", f"hf:{minilm}", "--texts", "words.txt", "--token", token]
    more = ["--batch-size", "3", "--layers", "all,encoder.layer.5"]
    more[3] = "embeddings,block.*,encoder.layer.5"
    assert main([*argv, *more, "--out", "x.h5"]) == 0
    pick = {"cls": lambda s: s[0], "mean": lambda s: s.mean(0), "last": lambda s: s[-1]}
    for text_number, states in enumerate(hidden_states(minilm, WORDS)):
        for k, state in enumerate(states):
            name = "embeddings" if k == 0 else f"block.{k - 1}"
            found = load_features("x.h5", name)
            assert found.labels == tuple(WORDS)
            assert found.values.dtype == np.float32
            expected = pick[token](state)
            np.testing.assert_allclose(found.values[text_number], expected, atol=1e-5)
    last = load_features("x.h5", "encoder.layer.5").values
    np.testing.assert_array_equal(last, load_features("x.h5", "block.5").values)
    assert "block.5" in capsys.readouterr().out
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_texts_that_are_cut_or_refused(minilm, tmp_path, monkeypatch, capsys):
    from jaxprune.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "long.txt").write_text("cat " * 600 + "\ndog\n")
    (tmp_path / "twice.txt").write_text("dog\ncat\ndog\n")
    argv = ["extract", f"hf:{minilm}", "--token", "mean", "--out", "x.h5"]
    for more, message in (
        (["--texts", "twice.txt", "--layers", "all"], "['dog'] occur more than once"),
        (["--texts", "long.txt", "--layers", "blok.1"], "expected one of 'block.1'"),
        (["--texts", "long.txt"], "layers: none given"),
        (["--layers", "all"], "texts: none given"),
        (["--layers", "all", "--images", "x"], "--images was given with hf:"),
    ):
        assert main([*argv, *more]) == 2
        assert message in capsys.readouterr().err
        assert not (tmp_path / "x.h5").exists()
    assert (
        main(
            [
                "extract",
                "hf:nowhere",
                *argv[2:],
                "--texts",
                "long.txt",
                "--layers",
                "all",
            ]
        )
        == 2
    )
    assert "is no folder; expected one with a model" in capsys.readouterr().err
    assert main([*argv, "--texts", "long.txt", "--layers", "block.0"]) == 0
    assert "1 of 2 are longer than the 512 tokens" in capsys.readouterr().err
