"""codub re-voices and re-faces a shot from text: one latent drives the voice and the lips."""

__version__ = "0.1.0"
