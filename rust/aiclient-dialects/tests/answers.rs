//! Answers that an upstream gave in another form than the client asked for, taken apart again.

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};

/// What was asked of which model, what came whole and as a stream, and the text that the client is given.
struct Case {
    client: Dialect,
    upstream: Dialect,
    model: &'static str,
    asked: &'static str,
    whole: &'static str,
    stream: &'static str,
    expected: &'static str,
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case {
        client: Dialect::OpenAiChat,
        upstream: Dialect::Anthropic,
        model: "claude-sonnet-4",
        asked: r#"{"messages":[{"role":"user","content":"Q"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"x":{"type":"number"}}}}}}"#,
        whole: r#"{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"json_response","input":{"x":1.50}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}"#,
        stream: concat!(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n",
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"json_response\",\"input\":{}}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\":\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"1.50}\"}}\n\n",
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":2}}\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ),
        expected: r#"{\"x\":1.50}"#,
    },
    Case {
        client: Dialect::Gemini,
        upstream: Dialect::OpenAiChat,
        model: "gpt-4o",
        asked: r#"{"contents":[{"parts":[{"text":"Q"}]}],"generationConfig":{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["yes \"sir\"","no"]}}}"#,
        whole: r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"value\":\"yes \\\"sir\\\"\"}"},"finish_reason":"stop"}]}"#,
        stream: concat!(
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"{\\\"val\"}}]}\n\n",
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ue\\\": \\\"yes \\\\\"}}]}\n\n",
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\\"sir\\\\\\\"\\\"}\"}}]}\n\n",
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
            "data: [DONE]\n\n",
        ),
        expected: r#"yes \"sir\""#,
    },
    Case {
        client: Dialect::Gemini,
        upstream: Dialect::OpenAiChat,
        model: "gpt-4o",
        asked: r#"{"contents":[{"parts":[{"text":"Q"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"INTEGER"}}}}"#,
        whole: r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"value\":[1,2]}"},"finish_reason":"stop"}]}"#,
        stream: concat!(
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"{\\\"value\\\":[1\"}}]}\n\n",
            "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\",2]}\"},\"finish_reason\":\"stop\"}]}\n\n",
            "data: [DONE]\n\n",
        ),
        expected: "[1,2]",
    },
];

fn exchange(case: &Case, stream: bool) -> Exchange {
    let mut exchange = Exchange::new(case.client, case.upstream, "x", 1, OnLoss::Report);
    let asked = exchange.request(case.asked.as_bytes(), case.model, stream).map(|body| body.len());
    assert!(asked.is_ok(), "{asked:?}");
    exchange
}

/// All texts of a reply, joined: the values of `text` or `content` members.
fn texts(out: &[u8]) -> String {
    let out = String::from_utf8_lossy(out);
    let mut found = String::new();
    for piece in out.split("\"text\":\"").skip(1).chain(out.split("\"content\":\"").skip(1)) {
        let end =
            piece.match_indices('"').find(|(at, _)| !piece[..*at].ends_with('\\')).map_or(piece.len(), |(at, _)| at);
        found.push_str(&piece[..end]);
    }
    found
}

#[test]
fn whole_answers_come_as_they_were_asked() {
    for case in CASES {
        let out =
            exchange(case, false).response(case.whole.as_bytes()).map(|(out, outcome)| (out.into_owned(), outcome));
        let Ok((out, outcome)) = out else { panic!("{out:?}") };
        assert_eq!(texts(&out), case.expected);
        assert_eq!(outcome.finish_reason.map(aiclient_dialects::ir::FinishReason::name), Some("stop"));
    }
}

#[test]
fn streamed_answers_come_as_they_were_asked_however_they_are_cut() {
    for case in CASES {
        for step in [1, 7, case.stream.len()] {
            let mut stream = exchange(case, true).stream(Framing::Sse);
            let mut out = Vec::new();
            case.stream.as_bytes().chunks(step).for_each(|chunk| stream.feed(chunk, &mut out));
            stream.finish(&mut out);
            assert_eq!(texts(&out), case.expected, "{}", String::from_utf8_lossy(&out));
            assert_eq!(stream.finish_reason().map(aiclient_dialects::ir::FinishReason::name), Some("stop"));
        }
    }
}

/// A custom tool of a client whose upstream has functions only: its text comes as it is written.
#[test]
fn the_input_of_a_custom_tool_streams_as_text() {
    let mut exchange = Exchange::new(Dialect::OpenAiResponses, Dialect::Anthropic, "x", 1, OnLoss::Report);
    let asked = br#"{"input":"Q","tools":[{"type":"custom","name":"apply","description":"D"}]}"#;
    assert!(exchange.request(asked, "m", true).is_ok());
    let mut stream = exchange.stream(Framing::Sse);
    let mut out = Vec::new();
    for event in [
        r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"apply","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"input\": \"a\\"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"n\\\"b\"}"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}"#,
        r#"{"type":"message_stop"}"#,
    ] {
        stream.feed(format!("data: {event}\n\n").as_bytes(), &mut out);
    }
    stream.finish(&mut out);
    let out = String::from_utf8_lossy(&out);
    let deltas: Vec<&str> = out.matches(r#""delta":"a""#).chain(out.matches(r#""delta":"\n\"b""#)).collect();
    assert_eq!(deltas.len(), 2, "{out}");
    assert!(
        out.contains(r#""type":"response.custom_tool_call_input.done""#) && out.contains(r#""input":"a\n\"b""#),
        "{out}"
    );
}
