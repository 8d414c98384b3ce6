"""`SpeechLatent` and frames in, frames out."""
