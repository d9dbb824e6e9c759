"""Examples in docstrings that need PyTorch, an extra, are skipped without it."""

import pytest

# No module with examples of its own, and not the only one of its name.
collect_ignore = ["conftest.py"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip an example that imports torch where there is none."""
    example = getattr(item, "dtest", None)
    if example and any("import torch" in one.source for one in example.examples):
        pytest.importorskip("torch")
