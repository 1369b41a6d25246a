"""The built-in demo: an upstream that speaks Chat Completions inside this process, without a language model.

It lets the first command work on any machine without an account, and shows what an answer can be: text, a tool call
when tools are given, structured output, limits, token counts, paced streaming. It says of itself that it is no model.
"""

from aiclient.upstream.demo.upstream import DemoUpstream
from aiclient.upstream.demo_url import DEMO_URL, is_demo

__all__ = ["DEMO_URL", "DemoUpstream", "is_demo"]
