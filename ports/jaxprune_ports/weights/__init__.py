"""Weights from PyTorch, from and to checkpoints."""
