import asyncio
import os
import re
import tempfile

import numpy
from lightrag import LightRAG, QueryParam
from lightrag.utils import EmbeddingFunc, Tokenizer


class Characters:
    """The one that it brings fetches its table from the web."""

    def encode(self, content):
        return [ord(one) for one in content]

    def decode(self, tokens):
        return "".join(chr(one) for one in tokens)


async def embed(texts, **_):
    """No model: a text is where its letters are."""
    return numpy.array([[float(text.lower().count(letter)) + 0.01 for letter in "abcdefghijklmnop"] for text in texts])


async def answer(prompt, system_prompt=None, **_):
    """No model: whoever stands with a capital letter is a person, and the first one knows the others."""
    people = list(dict.fromkeys(re.findall(r"\b(?:Alice|Bob|Carol)\b", prompt)))
    lines = [f"entity<|#|>{one}<|#|>person<|#|>{one} is somebody" for one in people]
    lines += [f"relation<|#|>{people[0]}<|#|>{one}<|#|>knows<|#|>they know each other" for one in people[1:]]
    return "\n".join([*lines, "<|COMPLETE|>"])


def of(name):
    return os.environ[f"LIGHTRAG_{name}_STORAGE"]


async def main():
    with tempfile.TemporaryDirectory() as folder:
        rag = LightRAG(
            working_dir=folder,
            tokenizer=Tokenizer("characters", Characters()),
            llm_model_func=answer,
            embedding_func=EmbeddingFunc(embedding_dim=16, max_token_size=8192, func=embed),
            kv_storage=of("KV"),
            vector_storage=of("VECTOR"),
            doc_status_storage=of("DOC_STATUS"),
            graph_storage=of("GRAPH"),
        )
        await rag.initialize_storages()
        await rag.ainsert("Alice met Bob in the garden, and Bob told Carol of it.")
        statuses = await rag.get_processing_status()
        assert statuses.get("processed") == 1, statuses
        labels = await rag.get_graph_labels()
        assert {"Alice", "Bob"} <= set(labels), labels
        context = await rag.aquery("Who met Bob?", param=QueryParam(mode="naive", only_need_context=True))
        assert "garden" in str(context), context
        await rag.finalize_storages()


asyncio.run(main())
