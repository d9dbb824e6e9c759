"""From checked input to numbers: what the public functions plan, and call once."""
