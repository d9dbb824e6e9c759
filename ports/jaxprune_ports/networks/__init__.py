"""The networks, and how one of them is made by name."""
