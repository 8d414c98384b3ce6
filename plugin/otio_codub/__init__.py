"""codub inside OpenTimelineIO: manifest, hooks and linker."""
