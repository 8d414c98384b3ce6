"""Measures of voice and face."""
