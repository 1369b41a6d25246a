"""Writes a Markov chain as the weights of a llama: a model of a megabyte that a real server runs.

    token      -> its own axis            the embedding is one-hot
    the layer  -> adds nothing            all of its weights are zero
    the norm   -> one-hot * sqrt(D)       the root mean square of a one-hot vector of D numbers is 1 / sqrt(D)
    the output -> log P(next | token)     its matrix is the logarithm of the chain, divided by sqrt(D)

Attention sees nothing, so the model knows its last token only. At temperature 0 it always says the same.

    python -m tests.real.markov_model text model.gguf
"""

import sys
from pathlib import Path
from typing import get_args

import gguf
import numpy as np
import numpy.typing as npt

from tests.real.chain import CONTROL, END_OF_TEXT, MARKS, TURN_END, Kind, chain, vocabulary

CONTEXT_TOKENS = 32768
HEAD_SIZE = 32
FEED_FORWARD_SIZE = 32
# Embeddings come in blocks of this many numbers.
ALIGNMENT = 32
TEMPLATE = Path(__file__).with_name("chat_template.jinja")

Matrix = npt.NDArray[np.float32]


def write_model(kind: Kind, path: Path) -> None:
    """Write the model of a kind as a GGUF file. Reference: ggml's docs/gguf.md."""
    tokens = vocabulary()
    size = -(-len(tokens) // ALIGNMENT) * ALIGNMENT
    writer = gguf.GGUFWriter(path, "llama")
    _describe_architecture(writer, kind, size)
    _describe_tokenizer(writer, tokens)
    for name, matrix in _tensors(kind, len(tokens), size).items():
        writer.add_tensor(f"{name}.weight", matrix)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe_architecture(writer: gguf.GGUFWriter, kind: Kind, size: int) -> None:
    writer.add_name(f"markov-{kind}")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(size)
    writer.add_feed_forward_length(FEED_FORWARD_SIZE)
    writer.add_block_count(1)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD_SIZE)
    writer.add_value_length(HEAD_SIZE)
    writer.add_rope_dimension_count(HEAD_SIZE)
    writer.add_layer_norm_rms_eps(1e-9)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _describe_tokenizer(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    kinds = dict.fromkeys(CONTROL, gguf.TokenType.CONTROL) | dict.fromkeys(MARKS, gguf.TokenType.USER_DEFINED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_vocab_size(len(tokens))
    writer.add_token_list(tokens)
    writer.add_token_types([int(kinds.get(token, gguf.TokenType.NORMAL)) for token in tokens])
    # A prompt is read byte by byte; the format wants a merge all the same, so two bytes that no text has.
    writer.add_token_merges(["\u0100 \u0101"])
    writer.add_bos_token_id(tokens.index(END_OF_TEXT))
    writer.add_eos_token_id(tokens.index(TURN_END))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text("utf-8").removesuffix("\n"))


def _tensors(kind: Kind, count: int, size: int) -> dict[str, Matrix]:
    embedding = np.zeros((count, size), np.float32)
    embedding[np.arange(count), np.arange(count)] = 1
    output = np.zeros((count, size), np.float32)
    output[:, :count] = chain(kind).logarithms().T / np.sqrt(size)
    shapes = {
        "attn_q": (HEAD_SIZE, size),
        "attn_k": (HEAD_SIZE, size),
        "attn_v": (HEAD_SIZE, size),
        "attn_output": (size, HEAD_SIZE),
        "ffn_gate": (FEED_FORWARD_SIZE, size),
        "ffn_up": (FEED_FORWARD_SIZE, size),
        "ffn_down": (size, FEED_FORWARD_SIZE),
    }
    norms = ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")
    return {
        "token_embd": embedding,
        "output": output,
        **{name: np.ones(size, np.float32) for name in norms},
        **{f"blk.0.{name}": np.zeros(shape, np.float32) for name, shape in shapes.items()},
    }


if __name__ == "__main__":
    models = {str(kind): kind for kind in get_args(Kind)}
    write_model(models[sys.argv[1]], Path(sys.argv[2]))
