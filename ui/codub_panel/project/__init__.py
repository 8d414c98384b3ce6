"""The open project: lines, edits, queue and takes, without Qt but for the worker that dubs."""
