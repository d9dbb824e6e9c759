"""A page for every study: what it is about, and published numbers beside ours."""


def setup(app):
    """Nothing yet."""
    return {}
