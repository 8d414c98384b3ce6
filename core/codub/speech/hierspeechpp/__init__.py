"""HierSpeech++ at full size, the voice of the `hierspeechpp` profile.

It stands behind the protocols of `codub.speech.model` like every voice: `TextToVec` (text encoder, w2v posterior
encoder and decoder, normalizing flow, stochastic duration predictor, pitch predictor, style encoder), `SpeechEncoder`
(mms-300m up to layer 7) and `Synthesizer` (hierarchical, with SpeechSR), meeting in `latent.HIERSPEECHPP`. `voice.py`
loads it all from imported checkpoints, which `checkpoints.py` recognises. `network.py` (TTV) and `hierarchy.py`
(synthesizer) are the plain modules, for training and comparison; `inference_form.py` and the `fused_` files speak.
"""
