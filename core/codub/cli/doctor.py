"""`codub doctor`: what is installed, which device, which weights, what is missing and the command that mends it."""

import importlib.metadata
import importlib.util
import platform
from dataclasses import dataclass

import typer

from codub import __version__, imported, in_use, weights
from codub.errors import WeightsError

_LIBRARIES = {
    "torch": "",
    "transformers": "",
    "opentimelineio": "",
    "pysrt": "",
    "ffmpeg-python": "",
    "imageio-ffmpeg": "",
    "av": "",
    "soundfile": "",
    "phonemizer": "",
    "face-alignment": "",
    "PySide6-Essentials": 'the panel; python -m pip install "codub[panel]"',
    "otio-fcp-adapter": 'EDL, FCP XML, FCPXML and AAF timelines; python -m pip install "codub[nle]"',
}
_SHIPPED = {  # with a remark
    "kokoro-voices.safetensors": "",
    "voice-likeness.safetensors": "",
    "sound-axes.safetensors": "",
    "speech-encoder.safetensors": "",
    "light-speech-encoder.safetensors": ", of the profile embedded-light: needs no Whisper, and hears worse",
    "face-embedded.safetensors": "",
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `missing` says whether the main job fails without it."""

    name: str
    state: str
    missing: bool = False


def doctor() -> None:
    """Say what is here, what is missing, and what to do about it; exit 1 if the main job cannot run."""
    findings = [*_machine(), *_libraries(), *_weights(), *_imported(), *_landmarks(), _panel()]
    for finding in findings:
        typer.echo(f"{'!!' if finding.missing else 'ok'}  {finding.name:24} {finding.state}")
    if any(finding.missing for finding in findings):
        raise typer.Exit(1)
    typer.echo("The main job can run: codub dub PROJECT.otio LINES.srt -o DUBBED.otio")


def _machine() -> list[Finding]:
    import torch

    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    return [
        Finding("codub", f"{__version__}, Python {platform.python_version()}, {platform.system()}"),
        Finding("device", device),
        Finding("ffmpeg", _ffmpeg()),
    ]


def _ffmpeg() -> str:
    import imageio_ffmpeg

    return f"{imageio_ffmpeg.get_ffmpeg_version()} (carried by imageio-ffmpeg)"


def _libraries() -> list[Finding]:
    findings = []
    for name, optional in _LIBRARIES.items():
        try:
            findings.append(Finding(name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            hint = optional or f"python -m pip install {name}"
            findings.append(Finding(name, f"not installed: {hint}", missing=not optional))
    return findings


def _weights() -> list[Finding]:
    findings = []
    for name, remark in _SHIPPED.items():
        try:
            findings.append(Finding(name, f"shipped, {weights.shipped(name).stat().st_size / 1e6:.1f} MB{remark}"))
        except WeightsError as error:
            findings.append(Finding(name, f"{error.cause} {error.fix}", missing=True))
    for asset in weights.ASSETS.values():
        instead = in_use.stand_in(asset.name)
        if instead is not None:
            findings.append(Finding(asset.name, _replaced(asset, instead)))
            continue
        if not weights.present(asset):
            state = f"missing ({asset.purpose}): codub weights fetch {asset.name}"
            findings.append(Finding(asset.name, state, missing=asset.needed))
            continue
        problems = weights.verify(asset)
        state = f"{'; '.join(problems)}: codub weights fetch {asset.name}" if problems else "here and whole"
        findings.append(Finding(asset.name, state, missing=bool(problems) and asset.needed))
    return findings


def _replaced(asset: weights.Asset, instead: imported.ImportedAsset) -> str:
    back = f"back to these: codub weights use {asset.name}"
    return f"not in use, {instead.name} is; " + (back if weights.present(asset) else "not here either")


def _of_imported(asset: imported.ImportedAsset) -> Finding:
    """What is here of it; the main job fails without those that it runs on."""
    if not imported.present(asset):
        aim = f"for {'training' if asset.profile == imported.TRAINING else f'the profile {asset.profile}'}"
        aim = f"may take the place of {asset.instead_of}" if asset.instead_of else aim
        return Finding(asset.name, f"not here; {aim} ({asset.purpose}): {asset.advice}")
    used = bool(asset.instead_of) and in_use.stand_in(asset.instead_of) == asset
    if problems := imported.verify(asset):
        back = f", or go back: codub weights use {asset.instead_of}" if used else ""
        return Finding(asset.name, f"{'; '.join(problems)}: codub weights import FILE{back}", missing=used)
    state = f"here and whole, imported from '{imported.read_record(asset).source}'"
    return Finding(asset.name, state + (f", in use instead of {asset.instead_of}" if used else ""))


def _imported() -> list[Finding]:
    """What other profiles than the main job's need, and whether those can run."""
    from codub.dubbing.needs import needs
    from codub.dubbing.profile import load_profile
    from codub.speech.kokoro.voices import stock_voices

    findings = [_of_imported(asset) for asset in imported.IMPORTED.values()]
    voices = imported.voice_assets()
    broken = [problem for voice in voices for problem in imported.verify(voice)]
    state = f"{len(stock_voices())} shipped, {len(voices)} imported" + (" and whole" if voices and not broken else "")
    findings.append(Finding("voices", "; ".join([state, *broken]) + (": codub weights import FILE" if broken else "")))
    for name in imported.profiles():
        missing = [need.name for need in needs(load_profile(name)) if not need.here]
        state = f"cannot run: lacks {', '.join(missing)}" if missing else "can run: codub dub --profile " + name
        findings.append(Finding(f"profile {name}", state))
    return findings


def _landmarks() -> list[Finding]:
    import torch

    from codub.face.alignment import obstacle

    against = obstacle("cuda" if torch.cuda.is_available() else "cpu")
    state = "face-alignment" if against is None else f"BlazeFace and face mesh, because {against}"
    return [Finding("face landmarks", state)]


def _panel() -> Finding:
    if importlib.util.find_spec("PySide6") is None:
        return Finding("panel", 'PySide6 is not installed: python -m pip install "codub[panel]"')
    try:
        import_works = importlib.util.find_spec("PySide6.QtWidgets") is not None
    except ImportError as error:
        return Finding("panel", f"Qt cannot load: {error}")
    return Finding("panel", "codub panel PROJECT.otio LINES.srt" if import_works else "Qt is incomplete")
