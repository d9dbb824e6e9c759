"""Number sense: selective units of AlexNet and of Nasr's network, seed 002's study.

Dot arrays -> untrained networks, or trained ones that the user has -> units tuned to
number, as Nasr, Viswanathan & Nieder (2019) and Kim et al. (2021) looked for them: how
many there are, what they prefer, how widely they are tuned, what can be read from them,
and where their tuning comes from.
"""

from .options import FULL as FULL
from .options import SMALL as SMALL
from .options import Options as Options
from .results import NumberSense as NumberSense
from .results import Version as Version
from .running import run as run
from .saving import FILES as FILES
from .saving import save as save
from .saving import summary as summary
