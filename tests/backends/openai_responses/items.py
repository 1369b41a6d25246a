"""The items of a Responses request, in their order: messages, calls, their results, reasoning."""

import json
from collections.abc import Callable

from tests.backends.checks import (
    Invalid,
    a_text,
    an_array,
    an_object,
    bytes_of_data_url,
    one_of,
    require,
    words,
)
from tests.backends.exchange import Call, Json, JsonValue, Question, Result
from tests.backends.openai_responses.seal import is_seal
from tests.backends.openai_responses.store import kept_item

ITEM_FIELDS = {
    "message": words("type role content id status phase"),
    "reasoning": words("type id summary content encrypted_content status"),
    "function_call": words("type id call_id name arguments namespace status async"),
    "function_call_output": words("type id call_id output status"),
    "custom_tool_call": words("type id call_id name input namespace status"),
    "custom_tool_call_output": words("type id call_id output status"),
    "item_reference": words("type id"),
}
ID_PREFIXES = {"message": "msg_", "reasoning": "rs_", "function_call": "fc_", "custom_tool_call": "ctc_"}
ROLES = words("user assistant system developer")
# What reasoning may lead to.
LED_TO = words("reasoning message function_call custom_tool_call")
PARTS = {
    "input_text": words("type text prompt_cache_breakpoint"),
    "input_image": words("type image_url file_id detail prompt_cache_breakpoint"),
    "input_file": words("type file_data file_id file_url filename detail prompt_cache_breakpoint"),
    "output_text": words("type text annotations logprobs"),
    "refusal": words("type refusal"),
}
INPUT = words("input_text input_image input_file")
OUTPUT = words("output_text refusal")
CALL_ID = r".{1,64}"


def read_items(items: list[JsonValue], question: Question, system: list[str]) -> None:
    """Read what was said so far; `system` is what precedes it."""
    reader = _Reader(question, system)
    for index, item in enumerate(items):
        reader.add(item, f"/input/{index}")
    reader.finish()


class _Reader:
    """Holds which calls have no result yet, and whether reasoning waits for what it led to."""

    def __init__(self, question: Question, system: list[str]) -> None:
        self._question = question
        self._system = system
        self._talked = False
        self._reasoned = False
        self._turn_reasoned = False
        self._pending: dict[str, Call] = {}
        self._readers: dict[str, Callable[[Json, str], None]] = {
            "message": self._message,
            "reasoning": self._reasoning,
            "function_call": self._function_call,
            "custom_tool_call": self._custom_call,
            "function_call_output": self._output,
            "custom_tool_call_output": self._output,
        }

    def add(self, item: JsonValue, where: str) -> None:
        require(isinstance(item, dict), where, "an object")
        kind = one_of(item.get("type", "message"), f"{where}/type", ITEM_FIELDS)
        if kind == "item_reference":
            kept = kept_item(item["id"])
            if kept is None:
                raise Invalid(f"{where}/id", "the id of an item that was stored")
            return self.add(kept, where)
        an_object(item, where, ITEM_FIELDS[kind])
        if item.get("id") is not None:
            a_text(item["id"], f"{where}/id", pattern=rf"{ID_PREFIXES.get(kind, '')}.{{1,60}}")
        require(not self._reasoned or kind in LED_TO, where, "what the reasoning before it led to")
        return self._readers[kind](item, where)

    def finish(self) -> None:
        require(not self._pending, "/input", f"closed by outputs of {list(self._pending)}")
        require(not self._reasoned, "/input", "closed by what the last reasoning led to")
        self._question.system = "\n".join(self._system)

    def _message(self, item: Json, where: str) -> None:
        role = one_of(item.get("role"), f"{where}/role", ROLES)
        require(not self._reasoned or role == "assistant", where, "what the reasoning before it led to")
        self._reasoned = False
        kinds = OUTPUT if role == "assistant" else INPUT
        text = _read_content(item.get("content"), f"{where}/content", kinds, self._question)
        if role in {"system", "developer"}:
            (self._question.late_system if self._talked else self._system).append(text)
            return
        self._talked = True
        self._turn_reasoned &= role == "assistant"
        if role == "user" and text:
            self._question.prompt = text

    def _reasoning(self, item: Json, where: str) -> None:
        require(isinstance(item.get("summary"), list), f"{where}/summary", "an array, be it empty")
        summary = ""
        for index, part in enumerate(item["summary"]):
            summary += an_object(part, f"{where}/summary/{index}", {"type", "text"})["text"]
        encrypted = item.get("encrypted_content")
        known = is_seal(encrypted, summary) if encrypted is not None else kept_item(item.get("id", "")) is not None
        require(known, f"{where}/encrypted_content", "what was issued here, or the id of a stored item")
        self._reasoned = self._turn_reasoned = True

    def _function_call(self, item: Json, where: str) -> None:
        arguments = json.loads(a_text(item.get("arguments"), f"{where}/arguments"))
        require(isinstance(arguments, dict), f"{where}/arguments", "an object, written as a string")
        self._call(item, where, arguments)

    def _custom_call(self, item: Json, where: str) -> None:
        require(isinstance(item.get("input"), str), f"{where}/input", "a string")
        self._call(item, where, {"input": item["input"]})

    def _call(self, item: Json, where: str, arguments: Json) -> None:
        name = a_text(item.get("name"), f"{where}/name")
        if item.get("namespace") is not None:
            name = f"{item['namespace']}.{name}"
        identifier = a_text(item.get("call_id"), f"{where}/call_id", pattern=CALL_ID)
        require(identifier not in self._pending, f"{where}/call_id", "unique")
        if not self._pending:
            self._question.sign(self._turn_reasoned)
        self._reasoned = False
        self._talked = True
        self._pending[identifier] = Call(name, arguments, identifier)
        self._question.calls.append(self._pending[identifier])

    def _output(self, item: Json, where: str) -> None:
        call = self._pending.pop(a_text(item.get("call_id"), f"{where}/call_id", pattern=CALL_ID), None)
        if call is None:
            raise Invalid(f"{where}/call_id", "the id of a call before it, once")
        self._turn_reasoned = False
        text = _read_content(item.get("output"), f"{where}/output", INPUT, self._question)
        self._question.results.append(Result.told(call.name, text))


def _read_content(content: JsonValue, where: str, kinds: frozenset[str], question: Question) -> str:
    """The text of some content; its images and files go to the question."""
    if isinstance(content, str):
        return content
    texts = []
    for index, part in enumerate(an_array(content, where)):
        at = f"{where}/{index}"
        require(isinstance(part, dict), at, "an object")
        kind = one_of(part.get("type"), f"{at}/type", kinds)
        an_object(part, at, PARTS[kind])
        if kind == "input_image":
            require(isinstance(part.get("image_url"), str), f"{at}/image_url", "a string, not an object")
            question.images.append(bytes_of_data_url(part["image_url"], f"{at}/image_url", "image/png"))
        elif kind == "input_file":
            a_text(part.get("filename"), f"{at}/filename")
            question.documents.append(bytes_of_data_url(part.get("file_data"), f"{at}/file_data", "application/pdf"))
        else:
            texts.append(a_text(part.get("refusal" if kind == "refusal" else "text"), at))
    return "".join(texts)
