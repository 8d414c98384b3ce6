"""Media files: probing, decoding and encoding of pictures and sound."""
