"""Pictures and sound of one line: decoded round the playhead, played, compared."""
