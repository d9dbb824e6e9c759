"""How a report writes numbers: three decimals, thin spaces, a true minus sign."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

MISSING = "–"  # there is no such value
UNDEFINED = "n.d."  # not defined: there is a value, and it is not a number
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
DECIMALS = 3


def is_number(value: Any) -> bool:
    """Whether a value is written as a number; booleans are words."""
    return isinstance(value, int | float | np.integer | np.floating) and not (
        isinstance(value, bool)
    )


def number(value: float, *, sign: bool = False) -> str:
    """Write a number: an integer in full, any other with three decimals.

    A number that three decimals would show as zero, or that has more than six digits
    before the point, is written in powers of ten.

    >>> number(0.12345), number(1), number(float("nan"))
    ('0.123', '1', 'n.d.')
    >>> number(200_704).replace(THIN_SPACE, "_"), number(-0.5), number(0.25, sign=True)
    ('200_704', '−0.500', '+0.250')
    >>> number(2.5e-7), number(float("inf"))
    ('2.5 × 10⁻⁷', '∞')
    """
    if np.isnan(value):
        return UNDEFINED
    plus = "+" if sign else "-"
    if np.isinf(value):
        return _typeset(f"{value:{plus}}".replace("inf", "∞"))
    if isinstance(value, int | np.integer):
        return _typeset(f"{value:{plus if value else '-'},}")
    if value and not 0.5 * 10.0**-DECIMALS <= abs(value) < 1e6:
        mantissa, power = f"{value:{plus}.1e}".split("e")
        return _typeset(f"{mantissa} × 10") + _raised(int(power))
    return _typeset(f"{value:{plus if value else '-'},.{DECIMALS}f}")


def cell(value: Any) -> str:
    """Write whatever a table may hold; None is an en dash.

    >>> cell(None), cell(True), cell("V1"), cell(0.5)
    ('–', 'yes', 'V1', '0.500')
    """
    if value is None:
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return number(value) if is_number(value) else str(value)


def printed(value: float | str | None) -> tuple[str, float | None]:
    """Return how a published value is shown, and its value.

    Text keeps the digits with which it was printed; a journal's ".28" is not 0.280.

    >>> printed(".28"), printed(0.5), printed(None)
    (('0.28', 0.28), ('0.500', 0.5), ('–', None))
    """
    if not isinstance(value, str):
        return cell(value), None if value is None else float(value)
    try:
        parsed = Decimal(value.replace("−", "-"))
    except InvalidOperation:
        raise ValueError(
            f"published={value!r} is not a number; expected a float, text such as "
            "'.28', or None for a value that was not published. A unit belongs in the "
            "name."
        ) from None
    return _typeset(f"{parsed:,f}"), float(parsed)


def _typeset(text: str) -> str:
    return text.replace("-", "−").replace(",", THIN_SPACE)


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
