"""Number detectors in a network of 108 units.

One to ten dots -> a small network, untrained or trained on CIFAR-10 -> selective units
by a one-way analysis of variance, pairs of numbers that they tell apart, what they
prefer, and the RDM of number.
"""

from .study import STUDY as STUDY
from .study import Options as Options
