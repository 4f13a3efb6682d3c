from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine

from assistant import Assistant


def test_the_query_engine_answers_with_its_citations_as_sources(assistant: Assistant) -> None:
    engine = assistant.as_query_engine()

    response = engine.query("When did China join the Apostille Convention?")

    assert isinstance(engine, BaseQueryEngine)
    assert str(response).startswith("China joined the Apostille Convention in March 2023")
    source = response.source_nodes[0]
    assert source.node.metadata["paragraph"] == "4"
    assert source.node.metadata["quote"] in source.node.get_content()
    assert response.metadata is not None
    assert response.metadata["status"] == "answered"


def test_the_retriever_serves_llama_indexs_own_engines(assistant: Assistant) -> None:
    retriever = assistant.as_retriever()

    nodes = retriever.retrieve("Apostille Convention")

    assert isinstance(retriever, BaseRetriever)
    assert 3 in [n.node.metadata["index"] for n in nodes[:5]]
    assert RetrieverQueryEngine.from_args(retriever, llm=MockLLM()).query("Apostille Convention").source_nodes


def test_a_paragraph_that_only_tells_whom_another_one_means_is_a_source_too(assistant: Assistant) -> None:
    response = assistant.as_query_engine().query(
        "What did Biden and Trudeau discuss about critical minerals and electric vehicles in June 2022?"
    )

    assert response.metadata is not None
    cited = [(c["release_id"], c["index"], c["quote"]) for c in response.metadata["citations"]]
    assert {index for _, index, _ in cited} == {0, 1}
    assert [
        (s.node.metadata["release_id"], s.node.metadata["index"], s.node.metadata["quote"])
        for s in response.source_nodes
    ] == cited
