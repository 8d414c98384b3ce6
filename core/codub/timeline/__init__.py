"""OpenTimelineIO timelines and subtitles in, timelines out; never loads torch."""
