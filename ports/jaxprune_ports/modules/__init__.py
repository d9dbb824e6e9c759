"""Modules of PyTorch as they are: their layers read by hooks."""
