/**
 * The AI SDK's providers: how each is pointed at the gateway, and how it is told to think.
 *
 * A provider is `{name, model(setup), always, thinks}`: its options under its own name, and those that ask it to think.
 * What a model can do the providers tell by its name, which here names a backend first: so some options say it.
 */

const OPENAI_THINKS = { forceReasoning: true, reasoningEffort: "low", reasoningSummary: "auto" };

export async function openaiChat() {
  return { name: "openai", model: await openai("chat"), thinks: OPENAI_THINKS };
}

export async function openaiResponses() {
  const always = { store: false };
  return { name: "openai", model: await openai("responses"), always, thinks: OPENAI_THINKS };
}

async function openai(api) {
  const { createOpenAI } = await import("@ai-sdk/openai");
  return (setup) => createOpenAI({ baseURL: `${setup.origin}/v1`, apiKey: setup.key })[api](setup.model);
}

export async function openaiCompatible() {
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  const settings = { name: "gateway", includeUsage: true, supportsStructuredOutputs: true };
  return {
    name: "gateway",
    model: (setup) =>
      createOpenAICompatible({ ...settings, baseURL: `${setup.origin}/v1`, apiKey: setup.key })(setup.model),
    thinks: { reasoningEffort: "low" },
  };
}

export async function anthropic() {
  const { createAnthropic } = await import("@ai-sdk/anthropic");
  return {
    name: "anthropic",
    always: { structuredOutputMode: "outputFormat" },
    model: (setup) => createAnthropic({ baseURL: `${setup.origin}/v1`, apiKey: setup.key })(setup.model),
    thinks: { thinking: { type: "enabled", budgetTokens: 2048 } },
  };
}

export async function google() {
  const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
  return {
    name: "google",
    model: (setup) => createGoogleGenerativeAI({ baseURL: `${setup.origin}/v1beta`, apiKey: setup.key })(setup.model),
    thinks: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } },
  };
}
