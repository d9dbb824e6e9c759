"""IS IT REAL: how a result compares with chance, and how it holds elsewhere."""

from .cross_validation import CrossValidation as CrossValidation
from .cross_validation import cross_validate as cross_validate
from .overlap import Overlap as Overlap
from .overlap import overlap as overlap
