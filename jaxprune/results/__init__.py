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
    from .figures import overlay as overlay
    from .figures import pruning_figure as pruning_figure
else:

    def __getattr__(name: str) -> _Any:
        # Figures need matplotlib, which is heavy.
        if name in ("overlay", "pruning_figure"):
            from . import figures

            return getattr(figures, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
