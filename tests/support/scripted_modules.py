#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes TorchScript modules, good and bad, for 1×28×28 images of ten classes into the folder that is named.

Ends with 77 where PyTorch is missing; without torchvision, resnet18.pt is left out.
"""
import pathlib
import sys

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    sys.exit(77)


class Block(nn.Module):
    """Pointwise and depthwise convolutions around a sum."""

    def __init__(self, channels, momentum=0.1):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels, momentum=momentum)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x + self.pointwise(torch.relu(self.norm(self.depthwise(x))))


class Separable(nn.Module):
    def __init__(self, momentum=0.1, rate=0.2):
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 5, stride=2)
        self.blocks = nn.ModuleList([Block(32, momentum), Block(32, momentum)])
        self.grouped = nn.Conv2d(32, 16, 3, groups=4)
        self.drop = nn.Dropout(rate)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.stem(x)), 2)
        for block in self.blocks:
            x = block(x)
        x = torch.relu(self.grouped(x)).mean([2, 3])
        return self.head(self.drop(x))


class Plain(nn.Module):
    """No batch-norm, no dropout, and a view that needs rows in the order of the shape."""

    def __init__(self, classes=10):
        super().__init__()
        self.convolution = nn.Conv2d(1, 32, 3, stride=2)
        self.spare = nn.Linear(5, 5)
        self.linear = nn.Linear(32 * 13 * 13, classes)

    def forward(self, x):
        x = torch.relu(self.convolution(x))
        return self.linear(x.view(x.shape[0], -1))


class Pair(Plain):
    def forward(self, x):
        x = torch.relu(self.convolution(x))
        return self.linear(x.view(x.shape[0], -1)), x


class TwoInputs(Plain):
    def forward(self, x, y):
        x = torch.relu(self.convolution(x + y))
        return self.linear(x.view(x.shape[0], -1))


class Unreached(Plain):
    """Trains a scale alone; no gradient reaches its kernels."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(10))

    def forward(self, x):
        x = torch.relu(self.convolution(x))
        return self.linear(x.view(x.shape[0], -1)).detach() * self.scale


class NoKernel(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(10))

    def forward(self, x):
        return x.flatten(1)[:, :10] * self.scale


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(784, 784)
        self.second = nn.Linear(784, 784)
        self.second.weight = self.first.weight
        self.head = nn.Linear(784, 10)

    def forward(self, x):
        return self.head(self.second(self.first(x.flatten(1))))


class Unused(Plain):
    """One kernel that no gradient reaches."""

    def forward(self, x):
        x = torch.relu(self.convolution(x))
        x = self.linear(x.view(x.shape[0], -1))
        return x + self.spare(x[:, :5]).detach().sum()


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.manual_seed(1)

    def save(module, name):
        torch.jit.save(torch.jit.script(module), str(folder / name))

    separable = Separable()
    save(separable, "separable.pt")
    separable.eval()
    images = torch.linspace(-1, 1, 3 * 784).view(3, 1, 28, 28)
    separable(images).detach().numpy().tofile(folder / "separable.logits")
    save(Separable(momentum=0.3, rate=0.0), "momentum.pt")
    save(Separable(momentum=None, rate=0.0), "cumulative.pt")
    plain = Plain()
    save(plain, "view.pt")
    torch.jit.save(torch.jit.trace(plain, images), str(folder / "traced.pt"))
    torch.jit.save(torch.jit.trace(separable, images), str(folder / "traced-norm.pt"))
    torch.jit.save(torch.jit.freeze(torch.jit.script(Plain().eval())), str(folder / "frozen.pt"))
    save(Unused(), "unused.pt")
    save(Plain(classes=7), "seven.pt")
    save(Plain().double(), "double.pt")
    save(Pair(), "pair.pt")
    save(TwoInputs(), "two.pt")
    save(NoKernel(), "nokernel.pt")
    save(Unreached(), "unreached.pt")
    save(Tied(), "tied.pt")
    torch.save(plain.state_dict(), folder / "state.pt")
    (folder / "text.pt").write_text("not a module")
    try:
        import torchvision
    except ImportError:
        return
    network = torchvision.models.resnet18(num_classes=10)
    network.conv1 = nn.Conv2d(1, 64, 3, padding=1, bias=False)  # grey images
    network.maxpool = nn.Identity()
    save(network, "resnet18.pt")
    (folder / "resnet18.txt").write_text("\n".join(
        f"{name} {'x'.join(map(str, module.weight.shape))}" for name, module in network.named_modules()
        if isinstance(module, (nn.Conv2d, nn.Linear))))


main()
