"""HierSpeech++ at full size: the voice of the `hierspeechpp` profile."""
