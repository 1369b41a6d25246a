/**
 * Conversations through the AI SDK: `generateText` and, for streams, `streamText` with every part of its full stream.
 *
 * The parts are held to the SDK's own grammar: each text, thought and call has a start, its deltas and an end.
 */

import assert from "node:assert/strict";

import { generateText, jsonSchema, Output, streamText } from "ai";

import { Forecast } from "./forecast.mjs";

const FINISHES = { "tool-calls": "tool_calls", "content-filter": "content_filter" };

// What the SDK would have done otherwise is not for stdout, which is ours.
globalThis.AI_SDK_LOG_WARNINGS = false;

export function open(setup, provider) {
  return new Conversation(setup, provider);
}

class Conversation {
  #request;
  #messages = [];
  #calls = [];

  constructor(setup, provider) {
    this.#request = requestOptions(setup, provider);
  }

  ask({ text, image, stream }) {
    const content = [{ type: "text", text }];
    if (image) {
      content.unshift({ type: "image", image, mediaType: "image/png" });
    }
    this.#messages.push({ role: "user", content });
    return this.#reply(stream);
  }

  returnResults({ results, stream }) {
    const content = this.#calls.map((call, index) => ({
      type: "tool-result",
      toolCallId: call.id,
      toolName: call.name,
      output: { type: "text", value: results[index] },
    }));
    this.#messages.push({ role: "tool", content });
    return this.#reply(stream);
  }

  async #reply(stream) {
    const request = { ...this.#request, messages: this.#messages };
    const result = await (stream ? streamed(request) : generateText(request));
    const reply = read(result, request);
    this.#messages.push(...result.responseMessages);
    this.#calls = reply.calls;
    return reply;
  }
}

function requestOptions(setup, provider) {
  return {
    model: provider.model(setup),
    maxRetries: 0,
    ...(setup.system && { instructions: setup.system }),
    ...(setup.max_tokens && { maxOutputTokens: setup.max_tokens }),
    ...(setup.tools && { tools: Object.fromEntries(Object.entries(setup.tools).map(tool)) }),
    ...(setup.structured && { output: Output.object({ schema: Forecast, name: "forecast" }) }),
    providerOptions: { [provider.name]: { ...provider.always, ...(setup.think && provider.thinks) } },
  };
}

function tool([name, schema]) {
  return [name, { inputSchema: jsonSchema(schema) }];
}

/** The whole result of a stream, once every part of it was read. */
async function streamed(request) {
  // Errors are parts of the stream; the SDK would print them, too.
  const result = streamText({ ...request, onError: () => undefined });
  const parts = new Parts();
  for await (const part of result.fullStream) {
    parts.add(part);
  }
  const [step, responseMessages] = await Promise.all([result.finalStep, result.responseMessages]);
  parts.check(step);
  const output = request.output && (await result.output);
  return { finalStep: step, responseMessages, output };
}

/** The parts of a full stream, each where it may stand. */
class Parts {
  #open = new Map();
  #text = "";
  #reasoning = "";

  add(part) {
    if (part.type === "error") {
      throw part.error;
    }
    const [, kind, step] = /^(text|reasoning|tool-input)-(start|delta|end)$/.exec(part.type) ?? [];
    if (kind) {
      this[step](kind, part);
    } else if (part.type === "tool-call") {
      assert.deepEqual(JSON.parse(this.#open.get(part.toolCallId)), part.input, "the deltas make up the input");
      this.#open.delete(part.toolCallId);
    }
  }

  start(kind, part) {
    assert.ok(!this.#open.has(part.id), `${part.id} starts once`);
    this.#open.set(part.id, "");
  }

  delta(kind, part) {
    assert.ok(this.#open.has(part.id), `${part.id} has started`);
    const delta = part.delta ?? part.text;
    this.#open.set(part.id, this.#open.get(part.id) + delta);
    this.#text += kind === "text" ? delta : "";
    this.#reasoning += kind === "reasoning" ? delta : "";
  }

  end(kind, part) {
    assert.ok(this.#open.has(part.id), `${part.id} is open`);
    // The input of a call is compared when the call follows.
    if (kind !== "tool-input") {
      this.#open.delete(part.id);
    }
  }

  check(step) {
    assert.deepEqual([...this.#open.keys()], [], "everything ended");
    assert.deepEqual([this.#text, this.#reasoning], [step.text, step.reasoningText ?? ""], "the deltas make it up");
  }
}

function read(result, request) {
  const step = result.finalStep;
  return {
    text: step.text,
    finish: FINISHES[step.finishReason] ?? step.finishReason,
    tokens: tokens(step.usage),
    calls: step.toolCalls.map((call) => ({ id: call.toolCallId, name: call.toolName, arguments: call.input })),
    reasoning: step.reasoningText ?? "",
    parsed: request.output ? result.output : null,
  };
}

function tokens(usage) {
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cached: usage.inputTokenDetails.cacheReadTokens ?? 0,
    reasoning: usage.outputTokenDetails.reasoningTokens ?? 0,
  };
}
