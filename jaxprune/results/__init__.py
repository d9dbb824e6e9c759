"""What the public functions return, and how it is saved, tabulated and drawn."""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from .pruning import Pruning as Pruning
from .records import Importance as Importance
from .records import Reintroduction as Reintroduction
from .records import Settings as Settings
from .records import Shapley as Shapley
from .saving import save_pruning as save_pruning

load_pruning = Pruning.load

if _TYPE_CHECKING:
    from .figure import pruning_figure as pruning_figure
else:

    def __getattr__(name: str) -> _Any:
        # The figure needs matplotlib, which is heavy.
        if name == "pruning_figure":
            from .figure import pruning_figure

            return pruning_figure
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
