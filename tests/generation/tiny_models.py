"""Stable Diffusion with tiny random weights, as a folder that a real pipeline reads: sizes and seeds are true."""

import json
from pathlib import Path

SYMBOLS = [chr(code) for code in [*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324)]]


def save(folder: Path, *, channels: int = 4, seed: int = 0) -> None:
    """Write a model of 9 MB; 9 channels make it one that is shown the mask."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        StableDiffusionInpaintPipeline,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(seed)
    text = CLIPTextConfig(
        vocab_size=514,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        projection_dim=32,
        bos_token_id=512,
        eos_token_id=513,
    )
    network = UNet2DConditionModel(
        sample_size=16,
        in_channels=channels,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(32, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )
    autoencoder = AutoencoderKL(
        sample_size=128,
        latent_channels=4,
        block_out_channels=(32, 64, 64, 64),  # four, so that a latent is an eighth of the picture, as in the real one
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    pipeline = StableDiffusionInpaintPipeline if channels == 9 else StableDiffusionPipeline
    pipeline(
        vae=autoencoder,
        text_encoder=CLIPTextModel(text),
        tokenizer=_tokenizer(folder.with_name(f"{folder.name}-words")),
        unet=network,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)


def _tokenizer(folder: Path):
    """CLIP's own over single characters."""
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True)
    words = [*SYMBOLS, *(f"{symbol}</w>" for symbol in SYMBOLS), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
