"""Pruning as feature selection in scikit-learn."""

from .pruner import Pruner as Pruner
from .zero_pruner import ZeroPruner as ZeroPruner
