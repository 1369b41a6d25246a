/** Conversations through the `openai` SDK's Responses, without state on the server; streams through `.stream()`. */

import assert from "node:assert/strict";

import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";

import { Forecast } from "./forecast.mjs";

export function open(setup) {
  return new Conversation(setup);
}

class Conversation {
  #responses;
  #request;
  #structured;
  #items = [];
  #calls = [];

  constructor(setup) {
    this.#responses = new OpenAI({ baseURL: `${setup.origin}/v1`, apiKey: setup.key, maxRetries: 0 }).responses;
    this.#request = requestOptions(setup);
    this.#structured = setup.structured;
  }

  ask({ text, image, stream }) {
    const content = [{ type: "input_text", text }];
    if (image) {
      content.push({ type: "input_image", image_url: `data:image/png;base64,${image}`, detail: "auto" });
    }
    this.#items.push({ role: "user", content });
    return this.#reply(stream);
  }

  returnResults({ results, stream }) {
    this.#calls.forEach((call, index) => {
      this.#items.push({ type: "function_call_output", call_id: call.id, output: results[index] });
    });
    return this.#reply(stream);
  }

  async #reply(stream) {
    const request = { ...this.#request, input: this.#items };
    const response = await (stream ? this.#stream(request) : this.#whole(request));
    const reply = read(response);
    this.#items.push(...response.output.map(sendable));
    this.#calls = reply.calls;
    return reply;
  }

  #whole(request) {
    return this.#structured ? this.#responses.parse(request) : this.#responses.create(request);
  }

  async #stream(request) {
    const events = this.#responses.stream(request);
    let [text, number] = ["", 0];
    events.on("event", (event) => assert.equal(event.sequence_number, number++, "numbered without gaps"));
    events.on("response.output_text.delta", (event) => (text += event.delta));
    const response = await events.finalResponse();
    assert.equal(text, response.output_text, "the deltas make up the text");
    return response;
  }
}

/** An item without what the SDK's helpers add to it: they send it back, and OpenAI refuses what it does not know. */
function sendable({ parsed_arguments: _, ...item }) {
  return item.type === "message" ? { ...item, content: item.content.map(({ parsed: _, ...part }) => part) } : item;
}

function requestOptions(setup) {
  return {
    model: setup.model,
    store: false,
    ...(setup.system && { instructions: setup.system }),
    ...(setup.max_tokens && { max_output_tokens: setup.max_tokens }),
    ...(setup.tools && { tools: Object.entries(setup.tools).map(tool) }),
    ...(setup.structured && { text: { format: zodTextFormat(Forecast, "forecast") } }),
    ...(setup.think && {
      reasoning: { effort: "low", summary: "auto" },
      include: ["reasoning.encrypted_content"],
    }),
  };
}

function tool([name, parameters]) {
  return { type: "function", name, parameters, strict: false };
}

function read(response) {
  const calls = response.output.filter((item) => item.type === "function_call");
  const reasoning = response.output.filter((item) => item.type === "reasoning");
  return {
    text: response.output_text,
    finish: finish(response, calls),
    tokens: tokens(response.usage),
    calls: calls.map((call) => ({ id: call.call_id, name: call.name, arguments: JSON.parse(call.arguments) })),
    reasoning: reasoning.flatMap(thoughts).join(""),
    refusal: refusal(response),
    parsed: response.output_parsed ?? null,
  };
}

/** A summary, or the thoughts themselves where the model shows them. */
function thoughts(item) {
  return [...item.summary, ...(item.content ?? [])].map((part) => part.text);
}

function refusal(response) {
  const parts = response.output.flatMap((item) => (item.type === "message" ? item.content : []));
  return parts.map((part) => part.refusal ?? "").join("");
}

function finish(response, calls) {
  const reason = response.incomplete_details?.reason;
  if (response.status === "incomplete") {
    return reason === "max_output_tokens" ? "length" : reason;
  }
  return calls.length > 0 ? "tool_calls" : response.status === "completed" ? "stop" : response.status;
}

function tokens(usage) {
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cached: usage.input_tokens_details.cached_tokens,
    reasoning: usage.output_tokens_details.reasoning_tokens,
  };
}
