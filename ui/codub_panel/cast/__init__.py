"""Who speaks: consent, voice, mouth and face of each speaker."""
