"""The flow from cue to take."""
