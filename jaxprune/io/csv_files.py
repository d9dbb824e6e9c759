"""Until studies import it from `..base.csv_text`."""

from ..base.csv_text import as_csv as as_csv
