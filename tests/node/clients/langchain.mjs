/** Conversations through LangChain's chat models; streams are chunks that LangChain adds up. */

import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";

import { Forecast } from "./forecast.mjs";

// Each vendor's own word is in the metadata of the reply.
const FINISHES = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  end_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
  content_filter: "content_filter",
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
};

export function open(setup, model) {
  return new Conversation(setup, model(setup));
}

class Conversation {
  #model;
  #structured;
  #messages;
  #calls = [];

  constructor(setup, model) {
    this.#model = setup.tools ? model.bindTools(Object.entries(setup.tools).map(tool)) : model;
    this.#structured = setup.structured;
    this.#messages = setup.system ? [new SystemMessage(setup.system)] : [];
  }

  ask({ text, image, stream }) {
    const content = [{ type: "text", text }];
    if (image) {
      content.push({ type: "image_url", image_url: { url: `data:image/png;base64,${image}` } });
    }
    this.#messages.push(new HumanMessage({ content }));
    return this.#structured ? this.#parsed(stream) : this.#reply(stream);
  }

  returnResults({ results, stream }) {
    this.#calls.forEach((call, index) => {
      this.#messages.push(new ToolMessage({ tool_call_id: call.id, name: call.name, content: results[index] }));
    });
    return this.#reply(stream);
  }

  async #reply(stream) {
    const message = await (stream ? this.#stream() : this.#model.invoke(this.#messages));
    const reply = read(message);
    this.#messages.push(message);
    this.#calls = reply.calls;
    return reply;
  }

  async #stream() {
    const chunks = await Array.fromAsync(await this.#model.stream(this.#messages));
    return chunks.reduce((sum, chunk) => sum.concat(chunk));
  }

  /** Structured output is a model of its own in LangChain, which gives the object and nothing else. */
  async #parsed(stream) {
    const model = this.#model.withStructuredOutput(Forecast, { method: "jsonSchema" });
    const parsed = stream
      ? (await Array.fromAsync(await model.stream(this.#messages))).at(-1)
      : await model.invoke(this.#messages);
    return { text: "", finish: "stop", tokens: null, calls: [], reasoning: "", parsed };
  }
}

function tool([name, parameters]) {
  return { type: "function", function: { name, description: name, parameters } };
}

function read(message) {
  const calls = message.tool_calls ?? [];
  return {
    text: message.text,
    finish: finish({ ...message.additional_kwargs, ...message.response_metadata }, calls),
    tokens: tokens(message.usage_metadata),
    calls: calls.map((call) => ({ id: call.id ?? "", name: call.name, arguments: call.args })),
    reasoning: reasoning(message),
    parsed: null,
  };
}

/** Thoughts stand in the content as each vendor's package puts them there. */
function reasoning(message) {
  const blocks = Array.isArray(message.content) ? message.content : [];
  return blocks.map((block) => block.thinking ?? "").join("");
}

function finish(metadata, calls) {
  const word = metadata.finish_reason ?? metadata.finishReason ?? metadata.stop_reason;
  const name = FINISHES[word] ?? word ?? null;
  return name === "stop" && calls.length > 0 ? "tool_calls" : name;
}

function tokens(usage) {
  return usage && {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cached: usage.input_token_details?.cache_read ?? 0,
    reasoning: usage.output_token_details?.reasoning ?? 0,
  };
}
