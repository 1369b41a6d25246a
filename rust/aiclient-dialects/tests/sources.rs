//! Sources of an answer and probabilities of its tokens reach every client, in its own place and counted in its own way.

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};
use serde_json::{Value, json};

/// Twelve characters, seventeen bytes; the source is used in the last word.
const TEXT: &str = "Grüße 🌸 hier";
const URL: &str = "https://example.com/a";

fn annotation() -> Value {
    json!({"type": "url_citation", "url": URL, "title": "T", "start_index": 8, "end_index": 12})
}

fn probabilities() -> Value {
    json!([{"token": "hier", "logprob": -0.25, "bytes": [104], "top_logprobs": [{"token": "da", "logprob": -1.50, "bytes": null}]}])
}

fn chat(key: &str, ended: bool) -> Value {
    let nested = json!({"type": "url_citation", "url_citation": annotation()});
    json!({"id": "c", "model": "m", "choices": [{"index": 0,
        key: {"role": "assistant", "content": TEXT, "annotations": [nested]},
        "logprobs": {"content": probabilities()}, "finish_reason": if ended { Some("stop") } else { None }}]})
}

fn responses() -> Value {
    let part = json!({"type": "output_text", "text": TEXT, "annotations": [annotation()], "logprobs": probabilities()});
    let item = json!({"type": "message", "id": "msg_1", "role": "assistant", "content": [part]});
    json!({"id": "resp_1", "object": "response", "model": "m", "status": "completed", "output": [item]})
}

fn anthropic() -> Value {
    let citation = json!({"type": "web_search_result_location", "url": URL, "title": "T", "cited_text": "says", "encrypted_index": "e"});
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": TEXT, "citations": [citation]}], "usage": {"input_tokens": 1, "output_tokens": 1}})
}

fn gemini() -> Value {
    let alternatives = json!([{"candidates": [{"token": "da", "logProbability": -1.50}]}]);
    json!({"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP",
        "logprobsResult": {"chosenCandidates": [{"token": "hier", "logProbability": -0.25}], "topCandidates": alternatives},
        "groundingMetadata": {"groundingChunks": [{"web": {"uri": URL, "title": "T"}}],
            "groundingSupports": [{"segment": {"startIndex": 13, "endIndex": 17, "text": "hier"}, "groundingChunkIndices": [0]}]}}]})
}

fn whole(upstream: Dialect) -> Value {
    match upstream {
        Dialect::OpenAiChat => chat("message", true),
        Dialect::OpenAiResponses => responses(),
        Dialect::Anthropic => anthropic(),
        Dialect::Gemini => gemini(),
    }
}

fn stream(upstream: Dialect) -> Vec<Value> {
    match upstream {
        Dialect::OpenAiChat => {
            vec![chat("delta", false), json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})]
        }
        Dialect::Gemini => vec![gemini()],
        Dialect::OpenAiResponses => {
            let at = json!({"item_id": "msg_1", "output_index": 0, "content_index": 0});
            let with = |mut event: Value| {
                for (key, value) in at.as_object().into_iter().flatten() {
                    event[key] = value.clone();
                }
                event
            };
            let item = json!({"type": "message", "id": "msg_1", "role": "assistant", "content": []});
            vec![
                json!({"type": "response.created", "response": {"id": "resp_1", "model": "m"}}),
                json!({"type": "response.output_item.added", "output_index": 0, "item": item}),
                with(json!({"type": "response.output_text.delta", "delta": TEXT, "logprobs": probabilities()})),
                with(json!({"type": "response.output_text.annotation.added", "annotation": annotation()})),
                json!({"type": "response.output_item.done", "output_index": 0, "item": responses()["output"][0]}),
                json!({"type": "response.completed", "response": responses()}),
            ]
        }
        Dialect::Anthropic => {
            let citation = anthropic()["content"][0]["citations"][0].clone();
            let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
            vec![
                json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [], "usage": {"input_tokens": 1}}}),
                json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
                delta(json!({"type": "citations_delta", "citation": citation})),
                delta(json!({"type": "text_delta", "text": TEXT})),
                json!({"type": "content_block_stop", "index": 0}),
                json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}),
                json!({"type": "message_stop"}),
            ]
        }
    }
}

fn exchange(client: Dialect, upstream: Dialect) -> Exchange {
    Exchange::new(client, upstream, "x", 1, OnLoss::Report)
}

/// The stream that a client gets.
fn streamed(client: Dialect, upstream: Dialect) -> String {
    let mut driver = exchange(client, upstream).stream(Framing::Sse);
    let mut out = Vec::new();
    let chat = upstream == Dialect::OpenAiChat;
    stream(upstream).iter().for_each(|event| driver.feed(format!("data: {event}\n\n").as_bytes(), &mut out));
    driver.feed(if chat { b"data: [DONE]\n\n" } else { b"" }, &mut out);
    driver.finish(&mut out);
    assert!(driver.is_complete(), "{upstream} to {client}");
    assert!(
        driver.losses().is_empty() || client == Dialect::Anthropic,
        "{upstream} to {client}: {:?}",
        driver.losses()
    );
    String::from_utf8(out).unwrap_or_default()
}

fn replied(client: Dialect, upstream: Dialect) -> String {
    let body = whole(upstream).to_string();
    let out = exchange(client, upstream).response(body.as_bytes()).map(|(out, _)| out.into_owned());
    String::from_utf8(out.unwrap_or_default()).unwrap_or_default()
}

/// What must stand in what the client gets.
fn expected(client: Dialect, upstream: Dialect) -> Vec<String> {
    // Anthropic cites for a whole block.
    let (start, bytes) = if upstream == Dialect::Anthropic { (0, 0) } else { (8, 13) };
    let range = format!(r#""title":"T","start_index":{start},"end_index":12"#);
    let mut parts = vec![URL.to_owned()];
    match client {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => parts.push(range),
        Dialect::Gemini => parts.push(format!(r#""segment":{{"startIndex":{bytes},"endIndex":17,"text":""#)),
        Dialect::Anthropic => parts.push(r#""type":"web_search_result_location""#.into()),
    }
    match client {
        _ if upstream == Dialect::Anthropic => {}
        Dialect::OpenAiChat | Dialect::OpenAiResponses => parts.push(r#""token":"hier","logprob":-0.25"#.into()),
        Dialect::Gemini => {
            parts.push(r#""topCandidates":[{"candidates":[{"token":"da","logProbability":-1.5"#.into());
            parts.push(r#""chosenCandidates":[{"token":"hier","logProbability":-0.25}]"#.into());
        }
        Dialect::Anthropic => {}
    }
    parts
}

#[test]
fn sources_and_probabilities_arrive() {
    for client in Dialect::ALL {
        for upstream in Dialect::ALL.into_iter().filter(|upstream| *upstream != client) {
            for out in [replied(client, upstream), streamed(client, upstream)] {
                for part in expected(client, upstream) {
                    assert!(out.contains(&part), "{upstream} to {client}, without {part}: {out}");
                }
            }
        }
    }
}

#[test]
fn probabilities_stand_in_the_events_of_their_text() {
    let out = streamed(Dialect::OpenAiResponses, Dialect::OpenAiChat);
    for event in ["response.output_text.delta", "response.output_text.done", "response.completed"] {
        let data = out.split(&format!("event: {event}\ndata: ")).nth(1).and_then(|rest| rest.lines().next());
        assert!(data.is_some_and(|data| data.contains("\"logprobs\":[{\"token\":\"hier\"")), "{event}: {out}");
    }
}

#[test]
fn a_source_without_an_address_is_reported() {
    let body = r#"{"type":"message","model":"m","content":[{"type":"text","text":"A","citations":[{"type":"char_location","cited_text":"q","document_title":"D"}]}],"stop_reason":"end_turn"}"#;
    for client in Dialect::ALL.into_iter().filter(|client| *client != Dialect::Anthropic) {
        let mut exchange = exchange(client, Dialect::Anthropic);
        assert!(exchange.response(body.as_bytes()).is_ok());
        let features: Vec<&str> = exchange.losses().iter().map(|loss| loss.feature.name()).collect();
        assert_eq!(features, ["citations"], "{client}");
    }
}
