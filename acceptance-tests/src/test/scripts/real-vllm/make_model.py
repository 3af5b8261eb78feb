"""Writes a tiny Llama, a byte-level BPE tokenizer with a chat template, and two adapters with random weights.

The model's own weights are made by vLLM when it starts (--load-format dummy).
"""

import json
import pathlib
import random
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<s>", "</s>", "<pad>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{{ m['content'] if m['content'] is string else m['content'] | map(attribute='text') | join('') }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, RANK = 256, 2, 4, 2, 64, 8


def word():
    letters = ("bcdfghklmnprstvz", "aeiou")
    return "".join(random.choice(letters[i % 2]) for i in range(random.randint(2, 9)))


def write_tokenizer(folder):
    words = [word() for _ in range(6000)]
    lines = [" ".join(random.choice(words) for _ in range(40)) + ".\n" for _ in range(4000)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=4096, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>",
        "model_max_length": 16384, "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE})
    return tokenizer.get_vocab_size()


def write_model(folder, vocabulary):
    write(folder / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": 512,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "head_dim": HEAD,
        "vocab_size": vocabulary, "max_position_embeddings": 16384, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "hidden_act": "silu", "tie_word_embeddings": False, "torch_dtype": "bfloat16", "bos_token_id": 0,
        "eos_token_id": 1, "pad_token_id": 2, "attention_bias": False})
    write(folder / "generation_config.json", {"bos_token_id": 0, "eos_token_id": 1})


def write_adapter(folder, seed):
    generator = torch.Generator().manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {}
    for layer in range(LAYERS):
        for projection, heads in (("q_proj", HEADS), ("v_proj", KV_HEADS)):
            name = f"base_model.model.model.layers.{layer}.self_attn.{projection}."
            weights[name + "lora_A.weight"] = torch.randn(RANK, HIDDEN, generator=generator) * 0.02
            weights[name + "lora_B.weight"] = torch.randn(heads * HEAD, RANK, generator=generator) * 0.02
    save_file(weights, str(folder / "adapter_model.safetensors"))
    write(folder / "adapter_config.json", {
        "peft_type": "LORA", "r": RANK, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], "bias": "none",
        "task_type": "CAUSAL_LM", "base_model_name_or_path": "tiny", "lora_dropout": 0.0})


def write(file, content):
    file.write_text(json.dumps(content))


def main():
    random.seed(7)
    root = pathlib.Path(sys.argv[1])
    tiny = root / "tiny"
    tiny.mkdir(parents=True, exist_ok=True)
    write_model(tiny, write_tokenizer(tiny))
    write_adapter(root / "l1", 1)
    write_adapter(root / "l2", 2)


main()
