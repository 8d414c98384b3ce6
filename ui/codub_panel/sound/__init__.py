"""What is heard as something to see and to move: waves, words, phonemes, and how a line is said."""
