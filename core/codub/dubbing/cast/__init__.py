"""Who speaks, with which voice and whose face: what a person decides, and the dub honours."""
