"""Models as users have them: files of weights, and folders of transformers."""

import json

WORDS = ["cat", "dog", "owl", "sat", "on", "the", "mat", "a"]


def resnet18(file):
    """Random weights of torchvision's ResNet-18."""
    import torch

    from jaxprune_ports.modules.torchvision import import_torchvision

    torch.manual_seed(0)
    torch.save(import_torchvision().models.resnet18().state_dict(), file)


def bert(folder, words=WORDS):
    """Language model of two blocks, 24 wide, that takes 12 tokens."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = {word: k for k, word in enumerate([*special, *words])}
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=12,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab).save_pretrained(folder)


def vit(folder):
    """Network of images of 16 pixels, in patches of 8."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=16,
        patch_size=8,
    )
    ViTModel(config).save_pretrained(folder)
    about = {
        "size": {"height": 16, "width": 16},
        "resample": 3,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "do_normalize": True,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(about))
