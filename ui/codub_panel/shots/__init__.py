"""The lines as a list and as a strip of time, and the takes of each."""
