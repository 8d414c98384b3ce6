"""Many cues in one run."""
