"""CORnets in PyTorch, written from the published facts, to compare with.

`MODULES` makes them: each returns ``(logits, taps)``, NCHW, by the names of the Flax
networks. Where PyTorch is not installed, the test that asks for one is skipped.
"""

import pytest

AREAS = ("V1", "V2", "V4", "IT")


def _torch():
    return pytest.importorskip("torch", reason="parity is checked against PyTorch")


def cornet_z():
    torch = _torch()
    nn = torch.nn

    class Area(nn.Module):
        def __init__(self, n_in, n_out, kernel, stride):
            super().__init__()
            self.conv = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2)
            self.pool = nn.MaxPool2d(3, 2, 1)

        def forward(self, x):
            return self.pool(torch.relu(self.conv(x)))

    class CORnetZ(nn.Module):
        def __init__(self):
            super().__init__()
            self.V1, self.V2 = Area(3, 64, 7, 2), Area(64, 128, 3, 1)
            self.V4, self.IT = Area(128, 256, 3, 1), Area(256, 512, 3, 1)
            self.decoder = nn.ModuleDict({"linear": nn.Linear(512, 1000)})

        def forward(self, x):
            taps = {}
            for name in AREAS:
                x = taps[name] = self.get_submodule(name)(x)
            return self.decoder["linear"](x.mean((2, 3))), taps

    return CORnetZ().eval()


def cornet_s():
    torch = _torch()
    nn = torch.nn

    class Entry(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.norm1 = nn.BatchNorm2d(64)
            self.pool = nn.MaxPool2d(3, 2, 1)
            self.conv2 = nn.Conv2d(64, 64, 3, 1, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(64)

        def forward(self, x):
            x = self.pool(torch.relu(self.norm1(self.conv1(x))))
            return torch.relu(self.norm2(self.conv2(x)))

    class Area(nn.Module):
        def __init__(self, n_in, n, times):
            super().__init__()
            self.times = times
            self.conv_input = nn.Conv2d(n_in, n, 1, bias=False)
            self.skip = nn.Conv2d(n, n, 1, 2, bias=False)
            self.norm_skip = nn.BatchNorm2d(n)
            self.conv1 = nn.Conv2d(n, 4 * n, 1, bias=False)
            self.conv2 = nn.Conv2d(4 * n, 4 * n, 3, bias=False)
            self.conv3 = nn.Conv2d(4 * n, n, 1, bias=False)
            for t in range(times):
                for i, channels in ((1, 4 * n), (2, 4 * n), (3, n)):
                    self.add_module(f"norm{i}_{t}", nn.BatchNorm2d(channels))

        def forward(self, x):
            x = self.conv_input(x)
            outputs = []
            for t in range(self.times):
                norms = [self.get_submodule(f"norm{i}_{t}") for i in (1, 2, 3)]
                skip = x if t else self.norm_skip(self.skip(x))
                x = torch.relu(norms[0](self.conv1(x)))
                x = nn.functional.conv2d(
                    x, self.conv2.weight, stride=1 if t else 2, padding=1
                )
                x = torch.relu(norms[1](x))
                x = torch.relu(norms[2](self.conv3(x)) + skip)
                outputs.append(x)
            return outputs

    class CORnetS(nn.Module):
        def __init__(self):
            super().__init__()
            self.V1, self.V2 = Entry(), Area(64, 128, 2)
            self.V4, self.IT = Area(128, 256, 4), Area(256, 512, 2)
            self.decoder = nn.ModuleDict({"linear": nn.Linear(512, 1000)})

        def forward(self, x):
            x = self.V1(x)
            taps = {"V1": x}
            for name in AREAS[1:]:
                *earlier, x = self.get_submodule(name)(x)
                taps.update({f"{name}[{t}]": y for t, y in enumerate(earlier)})
                taps[name] = x
            return self.decoder["linear"](x.mean((2, 3))), taps

    return CORnetS().eval()


def cornet_r(delayed=False):
    torch = _torch()
    nn = torch.nn

    class Area(nn.Module):
        def __init__(self, n_in, n_out, kernel, stride):
            super().__init__()
            self.conv_input = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2)
            self.norm_input = nn.GroupNorm(32, n_out)
            self.conv1 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
            self.norm1 = nn.GroupNorm(32, n_out)

        def forward(self, x, state):
            # The zeros of the first time step are in the place of the input stage.
            if x.shape[1] == self.conv_input.in_channels:
                x = torch.relu(self.norm_input(self.conv_input(x)))
            return torch.relu(self.norm1(self.conv1(x + state)))

    class CORnetR(nn.Module):
        def __init__(self):
            super().__init__()
            self.V1, self.V2 = Area(3, 64, 7, 4), Area(64, 128, 3, 2)
            self.V4, self.IT = Area(128, 256, 3, 2), Area(256, 512, 3, 2)
            self.decoder = nn.ModuleDict({"linear": nn.Linear(512, 1000)})

        def forward(self, image):
            taps = {}
            below, state = {"V1": image}, dict.fromkeys(AREAS, 0)
            # What areas above V1 get at first: 28, 14 and 7 pixels of 224.
            for name, n, pixels in (("V2", 128, 8), ("V4", 256, 16), ("IT", 512, 32)):
                rows, columns = (-(-side // pixels) for side in image.shape[2:])
                below[name] = torch.zeros(len(image), n, rows, columns)
            for t in range(5):
                seen = dict(below)
                for name, above in zip(AREAS, (*AREAS[1:], "decoder"), strict=True):
                    source = seen if delayed or t == 0 else below
                    state[name] = self.get_submodule(name)(source[name], state[name])
                    below[above] = state[name]
                taps.update({f"{name}[{t}]": state[name] for name in AREAS})
            taps.update({name: taps.pop(f"{name}[4]") for name in AREAS})
            return self.decoder["linear"](below["decoder"].mean((2, 3))), taps

    return CORnetR().eval()


def cornet_rt():
    return cornet_r(delayed=True)


MODULES = {
    "cornet_z": cornet_z,
    "cornet_s": cornet_s,
    "cornet_r": cornet_r,
    "cornet_rt": cornet_rt,
}
