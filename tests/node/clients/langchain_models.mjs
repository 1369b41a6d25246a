/** LangChain's chat models: how each is pointed at the gateway, and how it is told to think. */

export async function openai() {
  const { ChatOpenAI } = await import("@langchain/openai");
  return (setup) =>
    new ChatOpenAI({
      ...common(setup),
      configuration: { baseURL: `${setup.origin}/v1` },
      ...(setup.max_tokens && { maxTokens: setup.max_tokens }),
      // Which models think LangChain tells by their names, and the gateway's name a provider first.
      ...(setup.think && { modelKwargs: { reasoning_effort: "low" } }),
    });
}

export async function anthropic() {
  const { ChatAnthropic } = await import("@langchain/anthropic");
  return (setup) =>
    new ChatAnthropic({
      ...common(setup),
      anthropicApiUrl: setup.origin,
      // The dialect insists on a limit.
      maxTokens: setup.max_tokens ?? 4096,
      ...(setup.think && { thinking: { type: "enabled", budget_tokens: 2048 } }),
    });
}

export async function googleGenai() {
  const { ChatGoogleGenerativeAI } = await import("@langchain/google-genai");
  return (setup) =>
    new ChatGoogleGenerativeAI({
      ...common(setup),
      baseUrl: setup.origin,
      ...(setup.max_tokens && { maxOutputTokens: setup.max_tokens }),
      ...(setup.think && { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } }),
    });
}

function common(setup) {
  return { model: setup.model, apiKey: setup.key, maxRetries: 0 };
}
