"""Text and a speaker in, `SpeechLatent` and sound out."""
