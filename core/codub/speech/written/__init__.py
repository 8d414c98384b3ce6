"""What stands in written lines beside words, spelled out as it is said: one file for each kind, by language."""
