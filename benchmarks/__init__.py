"""Benchmarks: ratios against the alternatives, in one process, with agreement.

``python -m benchmarks.engine`` measures the engine.
"""
