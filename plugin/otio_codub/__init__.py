"""codub inside OpenTimelineIO: any program that opens timelines through OTIO can choose original or dub.

The hook switches a whole timeline as it is read, pictures and sound:

    otio.adapters.read_from_file("DUBBED.otio", hook_function_argument_map={"codub_show": "original"})

The media linker switches the media of the clips alone, for hosts that offer linkers and no hooks:

    otio.adapters.read_from_file("DUBBED.otio", media_linker_name="codub_takes",
                                 media_linker_argument_map={"codub_show": "es"})

"original" or a language is what to show; the environment's CODUB_SHOW says it for hosts that pass no arguments.
Without either, a timeline stays as it was written.
"""
