/** Conversations through the `@google/genai` package's chats, which keep the history themselves, signatures included. */

import { GoogleGenAI } from "@google/genai";
import { z } from "zod";

import { Forecast } from "./forecast.mjs";

const FINISHES = { STOP: "stop", MAX_TOKENS: "length", SAFETY: "content_filter" };

export function open(setup) {
  return new Conversation(setup);
}

class Conversation {
  #chat;
  #structured;
  #calls = [];

  constructor(setup) {
    const httpOptions = { baseUrl: setup.origin };
    const sdk = new GoogleGenAI({ apiKey: setup.key, httpOptions });
    this.#chat = sdk.chats.create({ model: setup.model, config: config(setup) });
    this.#structured = setup.structured;
  }

  ask({ text, image, stream }) {
    const parts = [{ text }];
    if (image) {
      parts.unshift({ inlineData: { mimeType: "image/png", data: image } });
    }
    return this.#send(parts, stream);
  }

  returnResults({ results, stream }) {
    const parts = this.#calls.map((call, index) => {
      return { functionResponse: { id: call.id, name: call.name, response: { output: results[index] } } };
    });
    return this.#send(parts, stream);
  }

  async #send(message, stream) {
    const chunks = stream ? await this.#stream(message) : [await this.#chat.sendMessage({ message })];
    const reply = read(chunks, this.#structured);
    this.#calls = reply.calls;
    return reply;
  }

  async #stream(message) {
    return Array.fromAsync(await this.#chat.sendMessageStream({ message }));
  }
}

function config(setup) {
  return {
    ...(setup.system && { systemInstruction: setup.system }),
    ...(setup.max_tokens && { maxOutputTokens: setup.max_tokens }),
    ...(setup.tools && { tools: [{ functionDeclarations: Object.entries(setup.tools).map(declaration) }] }),
    ...(setup.structured && { responseMimeType: "application/json", responseJsonSchema: z.toJSONSchema(Forecast) }),
    ...(setup.think && { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } }),
  };
}

function declaration([name, parametersJsonSchema]) {
  return { name, parametersJsonSchema };
}

/** A reply from the chunks of a stream, or from the one whole. */
function read(chunks, structured) {
  const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? []);
  const texts = (thought) => parts.filter((part) => (part.thought ?? false) === thought).map((part) => part.text ?? "");
  const calls = parts.flatMap((part) => part.functionCall ?? []);
  const text = texts(false).join("");
  return {
    text,
    finish: finish(candidates, calls),
    tokens: tokens(chunks.at(-1).usageMetadata),
    calls: calls.map((call) => ({ id: call.id ?? "", name: call.name, arguments: call.args })),
    reasoning: texts(true).join(""),
    parsed: structured ? Forecast.parse(JSON.parse(text)) : null,
  };
}

function finish(candidates, calls) {
  const reasons = candidates.flatMap((candidate) => candidate.finishReason ?? []);
  if (reasons.length !== 1) {
    throw new Error(`a reply ends once, not by ${JSON.stringify(reasons)}`);
  }
  // Gemini has no finish reason for calls of tools.
  const name = FINISHES[reasons[0]] ?? reasons[0];
  return name === "stop" && calls.length > 0 ? "tool_calls" : name;
}

function tokens(usage) {
  const reasoning = usage.thoughtsTokenCount ?? 0;
  return {
    input: usage.promptTokenCount,
    output: usage.candidatesTokenCount + reasoning,
    cached: usage.cachedContentTokenCount ?? 0,
    reasoning,
  };
}
