"""The whole pruning, again and again, for targets with permuted conditions."""

from .testing import PermutationTest as PermutationTest
from .testing import permutation_test as permutation_test
