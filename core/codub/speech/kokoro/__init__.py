"""Kokoro-82M, taken apart: the voice of the `embedded` profile."""
