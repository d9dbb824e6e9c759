"""Number sense: selective units of AlexNet and of Nasr's network.

Dot arrays -> untrained networks, or trained ones that the user has -> units tuned to
number, as Nasr, Viswanathan & Nieder (2019) and Kim et al. (2021) looked for them: how
many there are, what they prefer, how widely they are tuned, what can be read from them,
and where their tuning comes from.
"""

from .options import Options as Options
from .study import STUDY as STUDY
