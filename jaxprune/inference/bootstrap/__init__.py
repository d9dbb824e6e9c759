"""How far scores would vary over other conditions and other subjects."""

from .bootstrapped import Bootstrap as Bootstrap
from .bootstrapped import Difference as Difference
from .bootstrapping import bootstrap as bootstrap
from .two_factor import two_factor_variance as two_factor_variance
