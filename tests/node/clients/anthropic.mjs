/** Conversations through the `@anthropic-ai/sdk` package's Messages; streams through its helper `.stream()`. */

import assert from "node:assert/strict";

import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";

import { Forecast } from "./forecast.mjs";

// The dialect insists on a limit.
const MAX_TOKENS = 4096;
const THINKING_BUDGET = 2048;
const FINISHES = { end_turn: "stop", max_tokens: "length", tool_use: "tool_calls", refusal: "content_filter" };

export function open(setup) {
  return new Conversation(setup);
}

class Conversation {
  #messages;
  #request;
  #structured;
  #turns = [];
  #calls = [];

  constructor(setup) {
    this.#messages = new Anthropic({ baseURL: setup.origin, apiKey: setup.key, maxRetries: 0 }).messages;
    this.#request = requestOptions(setup);
    this.#structured = setup.structured;
  }

  ask({ text, image, stream }) {
    const content = [{ type: "text", text }];
    if (image) {
      content.unshift({ type: "image", source: { type: "base64", media_type: "image/png", data: image } });
    }
    this.#turns.push({ role: "user", content });
    return this.#reply(stream);
  }

  returnResults({ results, stream }) {
    const content = this.#calls.map((call, index) => {
      return { type: "tool_result", tool_use_id: call.id, content: results[index] };
    });
    this.#turns.push({ role: "user", content });
    return this.#reply(stream);
  }

  async #reply(stream) {
    const request = { ...this.#request, messages: this.#turns };
    const message = await (stream ? this.#stream(request) : this.#whole(request));
    const reply = read(message);
    this.#turns.push({ role: "assistant", content: message.content });
    this.#calls = reply.calls;
    return reply;
  }

  #whole(request) {
    return this.#structured ? this.#messages.parse(request) : this.#messages.create(request);
  }

  async #stream(request) {
    const events = this.#messages.stream(request);
    let [text, thinking] = ["", ""];
    events.on("text", (delta) => (text += delta));
    events.on("thinking", (delta) => (thinking += delta));
    const message = await events.finalMessage();
    const reply = read(message);
    assert.deepEqual([text, thinking], [reply.text, reply.reasoning], "the deltas make up the blocks");
    return message;
  }
}

function requestOptions(setup) {
  return {
    model: setup.model,
    max_tokens: setup.max_tokens ?? MAX_TOKENS,
    ...(setup.system && { system: setup.system }),
    ...(setup.tools && { tools: Object.entries(setup.tools).map(tool) }),
    ...(setup.structured && { output_config: { format: zodOutputFormat(Forecast) } }),
    ...(setup.think && { thinking: { type: "enabled", budget_tokens: THINKING_BUDGET } }),
  };
}

function tool([name, schema]) {
  return { name, input_schema: schema };
}

function read(message) {
  const blocks = (type) => message.content.filter((block) => block.type === type);
  return {
    text: blocks("text").map((block) => block.text).join(""),
    finish: FINISHES[message.stop_reason] ?? message.stop_reason,
    tokens: tokens(message.usage),
    calls: blocks("tool_use").map((block) => ({ id: block.id, name: block.name, arguments: block.input })),
    reasoning: blocks("thinking").map((block) => block.thinking).join(""),
    parsed: message.parsed_output ?? null,
  };
}

/** The SDK's usage in the tests' words: here the input leaves out what was cached. */
function tokens(usage) {
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    output: usage.output_tokens,
    cached,
    reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}
