"""What the backend plays for an agent: one call of its shell, and an answer once the result came back.

Turn 1 thinks, says something and calls the shell that the program itself declared. The command leaves a trace of each
run, and prints a secret that only the disk knows. Turn 2 is refused unless the call, its result and what the vendor
signed came back as they went out.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.backends.checks import Invalid, require
from tests.backends.exchange import Answer, Call, Fault, Json, Question, Tokens

PROMPT = "Run the command that you find fit, then tell me what it printed."
REASONING = "The user wants a command's output. 先运行命令, then I report “it”."
PREFACE = "Let me run it: 看一看。"
TITLE = "Running a command"
SHELLS = ("Bash", "bash", "exec_command", "shell_command", "shell", "run_shell_command")
TRACE = "runs.txt"
SECRET = "secret.txt"
COMMAND = f"echo ran >> {TRACE} && cat {SECRET}"
TOKENS = Tokens(input=120, output=45, cached=20, reasoning=15)


@dataclass
class ToolLoop:
    """One run of a program in `folder`, seen from the backend."""

    folder: Path
    secret: str = field(default_factory=lambda: f"secret-{secrets.token_hex(8)}")
    final: str = field(default_factory=lambda: f"It printed something: {secrets.token_hex(8)}.")
    turns: int = 0
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / SECRET).write_text(f"{self.secret}\n", "utf-8")

    @property
    def runs(self) -> int:
        """How often the command ran."""
        trace = self.folder / TRACE
        return len(trace.read_text("utf-8").splitlines()) if trace.exists() else 0

    def play(self, question: Question) -> Answer | Fault:
        """The answer to a turn."""
        try:
            return self._play(question)
        except Invalid as error:
            self.refusals.append(str(error))
            raise

    def _play(self, question: Question) -> Answer:
        shell = next((name for name in SHELLS if name in question.tools), None)
        if shell is None:
            # Programs ask for a title of the conversation beside it.
            require(not question.tools, "/tools", f"none, or one of {', '.join(SHELLS)}")
            return Answer(text=TITLE)
        self.turns += 1
        require(question.stream, "/stream", "true: agents show words as they come")
        require(question.thinking, "the reasoning that the program asks for", "asked for")
        call = Call(shell, arguments(question.tools[shell]))
        if not question.calls:
            return Answer(text=PREFACE, reasoning=REASONING, calls=(call,), finish="tool_calls", tokens=TOKENS)
        self._check_return(question, call)
        return Answer(text=self.final)

    def _check_return(self, question: Question, call: Call) -> None:
        calls = [(each.name, each.arguments) for each in question.calls]
        require(calls == [(call.name, call.arguments)], "calls", f"{call}, not {calls}")
        require(len(question.results) == 1, "results", f"one, not {question.results}")
        result = question.results[0]
        require(result.name == call.name, "the result's name", call.name)
        require(self.secret in result.text, "the result", f"a text with {self.secret}, not {result.text[:300]!r}")
        require(question.signed is not False, "the reasoning's signature", "what came with the call")


def arguments(schema: Json) -> Json:
    """Arguments that a shell takes, by the schema that the program gave of them."""
    properties = schema["properties"]
    name = "cmd" if "cmd" in properties else "command"
    listed = properties[name].get("type") == "array"
    given: Json = {name: ["bash", "-lc", COMMAND] if listed else COMMAND}
    others = [other for other in schema.get("required", []) if other != name]
    return given | dict.fromkeys(others, "Prints what is there")
