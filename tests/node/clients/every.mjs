/**
 * All SDKs that the tests drive, by the names that `clients.py` gives them.
 *
 * Each entry loads a module only when it is asked for, and gives its `open(setup)`: a conversation without a turn.
 * `setup` is `{origin, key, model, system, max_tokens, tools, structured, think}`; `tools` are JSON Schemas of the
 * arguments by name, `structured` asks for a `Forecast`.
 *
 * A conversation has `ask({text, image, stream})` and `returnResults({results, stream})`, with the results in the order
 * of the last reply's calls. Both resolve to a reply,
 * `{text, finish, tokens: {input, output, cached, reasoning}, calls: [{id, name, arguments}], reasoning, parsed}`,
 * or reject with the SDK's own error. What the model said goes back as the SDK's own objects.
 */

export const CLIENTS = {
  "openai-chat": async () => (await import("./openai_chat.mjs")).open,
  "openai-responses": async () => (await import("./openai_responses.mjs")).open,
  anthropic: async () => (await import("./anthropic.mjs")).open,
  "google-genai": async () => (await import("./google_genai.mjs")).open,
  "ai-openai-chat": () => aiSdk("openaiChat"),
  "ai-openai-responses": () => aiSdk("openaiResponses"),
  "ai-openai-compatible": () => aiSdk("openaiCompatible"),
  "ai-anthropic": () => aiSdk("anthropic"),
  "ai-google": () => aiSdk("google"),
  "langchain-openai": () => langchain("openai"),
  "langchain-anthropic": () => langchain("anthropic"),
  "langchain-google-genai": () => langchain("googleGenai"),
};

async function aiSdk(name) {
  const [{ open }, providers] = await Promise.all([import("./ai_sdk.mjs"), import("./ai_providers.mjs")]);
  const provider = await providers[name]();
  return (setup) => open(setup, provider);
}

async function langchain(name) {
  const [{ open }, models] = await Promise.all([import("./langchain.mjs"), import("./langchain_models.mjs")]);
  const model = await models[name]();
  return (setup) => open(setup, model);
}
