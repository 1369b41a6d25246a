//! Thoughts and what seals them come back to their vendor, however much of a reply a Gemini client keeps.

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};
use serde_json::{Value, json};

/// What a client makes of the parts of a reply before it sends them back.
type Keep = fn(Vec<Value>) -> Vec<Value>;

const CLIENTS: &[(&str, Keep)] = &[
    ("keeps all, each chunk as it came", |parts| parts),
    ("drops thoughts", |parts| parts.into_iter().filter(|part| part["thought"] != true).collect()),
    ("drops thoughts and what seals texts", |parts| {
        let mut kept: Vec<Value> = parts.into_iter().filter(|part| part["thought"] != true).collect();
        for part in kept.iter_mut().filter(|part| part.get("text").is_some()) {
            part.as_object_mut().map(|part| part.remove("thoughtSignature"));
        }
        kept
    }),
];

/// The turn of the model that an Anthropic upstream sent.
const SENT_BY_ANTHROPIC: &str = r#"[{"type":"thinking","thinking":"Ich überlege 😀…","signature":"c2ln"},{"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"text","text":"Grüße, 世界 \"quoted\" \\ and\n🌸"},{"type":"tool_use","id":"toolu_a","name":"get_weather","input":{"city":"Zürich"}},{"type":"tool_use","id":"toolu_b","name":"now","input":{}}]"#;
/// The items that a Responses upstream sent.
const SENT_BY_RESPONSES: &str = r#"[{"type":"reasoning","summary":[{"type":"summary_text","text":"Ich überlege 😀…\n\nZweitens."}],"encrypted_content":"Z0FBQQ=="},{"type":"message","role":"assistant","content":"Grüße, 世界 \"quoted\" \\ and\n🌸"},{"type":"function_call","call_id":"call_a","name":"get_weather","arguments":"{\"city\":\"Zürich\"}"},{"type":"function_call","call_id":"call_b","name":"now","arguments":"{}"}]"#;

fn exchange(upstream: Dialect) -> Exchange {
    Exchange::new(Dialect::Gemini, upstream, "exchange", 1_760_000_000, OnLoss::Report)
}

/// The parts that a Gemini client gets of a stream.
fn streamed(upstream: Dialect, stream: &[u8]) -> Vec<Value> {
    let (mut driver, mut out) = (exchange(upstream).stream(Framing::JsonArray), Vec::new());
    driver.feed(stream, &mut out);
    driver.finish(&mut out);
    let chunks: Vec<Value> = serde_json::from_slice(&out).unwrap_or_default();
    chunks.iter().flat_map(parts_of).collect()
}

/// The parts that it gets of a whole reply of Anthropic's.
fn replied(body: &str) -> Vec<Value> {
    let reply = exchange(Dialect::Anthropic).response(body.as_bytes()).map(|(reply, _)| reply.into_owned());
    parts_of(&serde_json::from_slice(&reply.unwrap_or_default()).unwrap_or_default())
}

fn parts_of(reply: &Value) -> Vec<Value> {
    reply["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default()
}

/// The next request of a Gemini client, as the upstream gets it.
fn returned(upstream: Dialect, contents: Vec<Value>, responses: &[Value]) -> Value {
    let mut all = vec![json!({"role": "user", "parts": [{"text": "Q"}]})];
    all.extend(contents);
    all.push(json!({"role": "user", "parts": responses}));
    let body = json!({"contents": all}).to_string();
    let out = exchange(upstream).request(body.as_bytes(), "claude-sonnet-4-5", false).unwrap_or_default();
    serde_json::from_slice(&out).unwrap_or_default()
}

fn answered() -> [Value; 2] {
    [("toolu_a", "get_weather"), ("toolu_b", "now")]
        .map(|(_, name)| json!({"functionResponse": {"name": name, "response": {"output": "x"}}}))
}

fn content(parts: &[Value]) -> Value {
    json!({"role": "model", "parts": parts})
}

#[test]
fn a_stream_comes_back_as_it_was_sent() {
    let anthropic = streamed(Dialect::Anthropic, include_bytes!("streams/anthropic.sse"));
    let responses = streamed(Dialect::OpenAiResponses, include_bytes!("streams/openai_responses.sse"));
    for (client, keep) in CLIENTS {
        // SDKs send each chunk as a content of its own, programs all of them as one.
        for apart in [true, false] {
            let contents = |parts: &[Value]| {
                let kept = keep(parts.to_vec());
                if apart {
                    kept.iter().map(|part| content(std::slice::from_ref(part))).collect()
                } else {
                    vec![content(&kept)]
                }
            };
            let request = returned(Dialect::Anthropic, contents(&anthropic), &answered());
            assert_eq!(request["messages"][1]["content"], parsed(SENT_BY_ANTHROPIC), "{client}");
            let request = returned(Dialect::OpenAiResponses, contents(&responses), &answered());
            let input = request["input"].as_array().cloned().unwrap_or_default();
            let turn = Value::from(input.get(1..5).unwrap_or_default().to_vec());
            assert_eq!(turn, parsed(SENT_BY_RESPONSES), "{client}");
        }
    }
}

#[test]
fn a_whole_reply_comes_back_as_it_was_sent() {
    let sent = format!(
        r#"{{"id":"msg_1","type":"message","role":"assistant","model":"m","content":{SENT_BY_ANTHROPIC},"stop_reason":"tool_use","usage":{{"input_tokens":1,"output_tokens":1}}}}"#
    );
    let parts = replied(&sent);
    for (client, keep) in CLIENTS {
        let request = returned(Dialect::Anthropic, vec![content(&keep(parts.clone()))], &answered());
        assert_eq!(request["messages"][1]["content"], parsed(SENT_BY_ANTHROPIC), "{client}");
    }
}

#[test]
fn thoughts_between_calls_and_texts_keep_their_places() {
    let blocks = json!([
        {"type": "text", "text": "first"},
        {"type": "thinking", "thinking": "then", "signature": "YQ=="},
        {"type": "tool_use", "id": "toolu_a", "name": "f", "input": {}},
        {"type": "thinking", "thinking": "more", "signature": "Yg=="},
        {"type": "text", "text": "second"},
        {"type": "thinking", "thinking": "last", "signature": "Yw=="},
    ]);
    let sent = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": blocks,
        "stop_reason": "tool_use", "usage": {"input_tokens": 1, "output_tokens": 1}});
    let parts = replied(&sent.to_string());
    for (client, keep) in &CLIENTS[..2] {
        let response = json!({"functionResponse": {"name": "f", "response": {"output": "x"}}});
        let request = returned(Dialect::Anthropic, vec![content(&keep(parts.clone()))], &[response]);
        let mut came = request["messages"][1]["content"].clone();
        came[2]["id"] = json!("toolu_a");
        assert_eq!(came, blocks, "{client}");
    }
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_default()
}
