/**
 * Conversations through the `openai` SDK's Chat Completions; streams through its helper `.stream()`.
 *
 * The helper joins text and calls, but not the fields that only makers of reasoning models have: as programs for such
 * models do, those are joined here and sent back with the message.
 */

import assert from "node:assert/strict";

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";

import { Forecast } from "./forecast.mjs";

export function open(setup) {
  return new Conversation(setup);
}

class Conversation {
  #completions;
  #request;
  #structured;
  #messages;
  #calls = [];

  constructor(setup) {
    const sdk = new OpenAI({ baseURL: `${setup.origin}/v1`, apiKey: setup.key, maxRetries: 0 });
    this.#completions = sdk.chat.completions;
    this.#request = requestOptions(setup);
    this.#structured = setup.structured;
    this.#messages = setup.system ? [{ role: "system", content: setup.system }] : [];
  }

  ask({ text, image, stream }) {
    const url = `data:image/png;base64,${image}`;
    const content = image ? [{ type: "text", text }, { type: "image_url", image_url: { url } }] : text;
    this.#messages.push({ role: "user", content });
    return this.#reply(stream);
  }

  returnResults({ results, stream }) {
    this.#calls.forEach((call, index) => {
      this.#messages.push({ role: "tool", tool_call_id: call.id, content: results[index] });
    });
    return this.#reply(stream);
  }

  async #reply(stream) {
    const request = { ...this.#request, messages: this.#messages };
    const completion = await (stream ? this.#stream(request) : this.#whole(request));
    const reply = read(completion);
    this.#messages.push(completion.choices[0].message);
    this.#calls = reply.calls;
    return reply;
  }

  #whole(request) {
    return this.#structured ? this.#completions.parse(request) : this.#completions.create(request);
  }

  async #stream(request) {
    const events = this.#completions.stream({ ...request, stream_options: { include_usage: true } });
    const reasoning = new Reasoning();
    let text = "";
    events.on("chunk", (chunk) => reasoning.add(chunk));
    events.on("content", (delta) => (text += delta));
    const completion = await events.finalChatCompletion();
    assert.equal(text, completion.choices[0].message.content ?? "", "the deltas make up the text");
    Object.assign(completion.choices[0].message, reasoning.fields());
    return completion;
  }
}

/** Joins what the helper leaves apart. */
class Reasoning {
  #text = "";
  #details = [];

  add(chunk) {
    for (const { delta } of chunk.choices) {
      this.#text += delta.reasoning_content ?? "";
      this.#details.push(...(delta.reasoning_details ?? []));
    }
  }

  fields() {
    return {
      ...(this.#text && { reasoning_content: this.#text }),
      ...(this.#details.length && { reasoning_details: this.#details }),
    };
  }
}

function requestOptions(setup) {
  return {
    model: setup.model,
    ...(setup.max_tokens && { max_completion_tokens: setup.max_tokens }),
    ...(setup.tools && { tools: Object.entries(setup.tools).map(tool) }),
    ...(setup.structured && { response_format: zodResponseFormat(Forecast, "forecast") }),
    ...(setup.think && { reasoning_effort: "low" }),
  };
}

function tool([name, parameters]) {
  return { type: "function", function: { name, parameters } };
}

function read(completion) {
  assert.equal(completion.choices.length, 1);
  const [{ message, finish_reason: finish }] = completion.choices;
  return {
    text: message.content ?? "",
    finish,
    tokens: tokens(completion.usage),
    calls: (message.tool_calls ?? []).map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
    reasoning: message.reasoning_content ?? "",
    refusal: message.refusal ?? "",
    parsed: message.parsed ?? null,
  };
}

function tokens(usage) {
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
