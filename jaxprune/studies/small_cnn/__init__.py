"""Number detectors in a network of 108 units, seed 001's study.

One to ten dots -> a small network, untrained or trained on CIFAR-10 -> selective units
by a one-way analysis of variance, pairs of numbers that they tell apart, what they
prefer, and the RDM of number.
"""

from .options import FULL as FULL
from .options import SMALL as SMALL
from .options import Options as Options
from .running import Found as Found
from .running import SmallCNN as SmallCNN
from .running import run as run
from .saving import FILES as FILES
from .saving import save as save
from .saving import summary as summary
