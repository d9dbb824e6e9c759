"""Units chosen on some conditions or subjects, and scored on the others."""

from .protocols import PROTOCOLS as PROTOCOLS
from .protocols import PublishedTest as PublishedTest
from .protocols import published_test as published_test
from .validated import CrossValidation as CrossValidation
from .validated import save_rows as save_rows
from .validating import cross_validate as cross_validate
