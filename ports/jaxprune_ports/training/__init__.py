"""Training, as published: SGD on cross-entropy, epoch by epoch, resumable."""

from .epoch import accuracy as accuracy
from .head import with_classes as with_classes
from .history import Epoch as Epoch
from .loop import Trained as Trained
from .loop import train as train
from .recipe import CIFAR as CIFAR
from .recipe import NUMEROSITY as NUMEROSITY
from .recipe import NUMEROSITY_SCRATCH as NUMEROSITY_SCRATCH
from .recipe import Recipe as Recipe
