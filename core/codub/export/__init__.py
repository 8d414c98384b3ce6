"""What leaves the project: previews and masters."""
