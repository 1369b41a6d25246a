/**
 * Drives one SDK, line by line: `node drive.mjs NAME` reads commands from stdin and writes results to stdout, as JSON.
 *
 * Commands: `{do: "open", setup}`, `{do: "ask", text, image, stream}`, `{do: "returnResults", results, stream}`; each acts
 * on the conversation that was opened last. Results: `{reply}` or `{error}`; see `clients/every.mjs` and `errors.mjs`.
 * Must not know: what is asked, or what should come back.
 */

import readline from "node:readline";

import { CLIENTS } from "./clients/every.mjs";
import { describe } from "./errors.mjs";

const open = await CLIENTS[process.argv[2]]();
let conversation;

// The legacy Gemini client rejects a second promise, too, which LangChain leaves to nobody.
process.on("unhandledRejection", () => undefined);

async function run({ do: name, setup, ...options }) {
  if (name === "open") {
    conversation = open(setup);
    return null;
  }
  return conversation[name](options);
}

async function answer(line) {
  try {
    return { reply: await run(JSON.parse(line)) };
  } catch (error) {
    return { error: describe(error) };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
