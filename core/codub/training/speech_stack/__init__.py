"""Training of HierSpeech++: its Text-to-Vec and its hierarchical synthesizer, from a folder of transcribed speech."""
