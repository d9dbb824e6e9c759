"""What do the retained units do? Pictures, tables, and a page that answers the pointer.

Numbers first: `pair_gains`, `kinds_of`, `profiles`, `shares_of` and the others are
functions of arrays. :func:`explain` puts them on a page.
"""

from .conditions import Conditions as Conditions
from .conditions import thumbnail as thumbnail
from .explaining import explain as explain
from .page import pruning_page as pruning_page
from .pairs import PairGains as PairGains
from .pairs import pair_gains as pair_gains
from .prefixes import prefix_rdms as prefix_rdms
from .profiles import Profile as Profile
from .profiles import explained_variance as explained_variance
from .profiles import profiles as profiles
from .redundancy import Kinds as Kinds
from .redundancy import kinds_of as kinds_of
from .responses import Response as Response
from .responses import contrast as contrast
from .responses import responses as responses
from .where import PositionMap as PositionMap
from .where import Shares as Shares
from .where import position_map as position_map
from .where import shares_of as shares_of
