//! What a client is told of an answer that is not only text: other answers, calls that failed, words of a filter.

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};

const TWO_ANSWERS: &str = concat!(
    "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"first\"}},{\"index\":1,\"delta\":{\"content\":\"second\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"},{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
);
const FAILED_CALL: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"first\"}]},\"finishReason\":\"MALFORMED_FUNCTION_CALL\"}]}\r\n\r\n";
const BLOCKED_PROMPT: &str = "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\",\"blockReasonMessage\":\"Not this.\"},\"usageMetadata\":{\"promptTokenCount\":1}}\r\n\r\n";

/// A stream and the features that were lost in it.
fn streamed(client: Dialect, upstream: Dialect, body: &str) -> (String, Vec<&'static str>) {
    let mut stream = Exchange::new(client, upstream, "x", 1, OnLoss::Report).stream(Framing::Sse);
    let mut out = Vec::new();
    stream.feed(body.as_bytes(), &mut out);
    stream.finish(&mut out);
    assert!(stream.is_complete(), "{upstream} to {client}: {:?}", stream.failure());
    let lost = stream.losses().iter().map(|feature| feature.name()).collect();
    (String::from_utf8(out).unwrap_or_default(), lost)
}

/// The same for a whole reply.
fn replied(client: Dialect, upstream: Dialect, body: &str) -> (String, Vec<&'static str>) {
    let mut exchange = Exchange::new(client, upstream, "x", 1, OnLoss::Report);
    let out = exchange.response(body.as_bytes()).map(|(out, _)| out.into_owned()).unwrap_or_default();
    let lost = exchange.losses().iter().map(|loss| loss.feature.name()).collect();
    (String::from_utf8(out).unwrap_or_default(), lost)
}

fn others(dialect: Dialect) -> impl Iterator<Item = Dialect> {
    Dialect::ALL.into_iter().filter(move |other| *other != dialect)
}

#[test]
fn a_client_with_one_answer_gets_the_first() {
    let whole = r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"first"},"finish_reason":"stop"},{"index":1,"message":{"content":"second"},"finish_reason":"length"}]}"#;
    for client in others(Dialect::OpenAiChat) {
        let several = client == Dialect::Gemini;
        let lost: &[&str] = if several { &[] } else { &["choices"] };
        for (out, losses) in
            [streamed(client, Dialect::OpenAiChat, TWO_ANSWERS), replied(client, Dialect::OpenAiChat, whole)]
        {
            assert!(out.contains("first") && out.contains("second") == several, "{client}: {out}");
            assert!(several || !(out.contains("incomplete\"") || out.contains("max_tokens")), "{client}: {out}");
            assert_eq!(losses, lost, "{client}");
        }
    }
}

#[test]
fn a_call_that_failed_behind_a_text_is_reported() {
    for client in others(Dialect::Gemini) {
        let whole = FAILED_CALL.trim_start_matches("data: ");
        for (out, losses) in
            [streamed(client, Dialect::Gemini, FAILED_CALL), replied(client, Dialect::Gemini, whole.trim())]
        {
            assert!(out.contains("first"), "{client}: {out}");
            assert_eq!(losses, ["failed_call"], "{client}");
        }
    }
}

#[test]
fn a_client_is_told_why_an_answer_was_withheld() {
    for client in others(Dialect::Gemini) {
        let whole = BLOCKED_PROMPT.trim_start_matches("data: ");
        for (out, losses) in
            [streamed(client, Dialect::Gemini, BLOCKED_PROMPT), replied(client, Dialect::Gemini, whole.trim())]
        {
            assert!(out.contains("\"Not this.\""), "{client}: {out}");
            assert!(out.contains("content_filter") || out.contains("\"stop_reason\":\"refusal\""), "{client}: {out}");
            assert_eq!(losses, [""; 0], "{client}");
        }
    }
}

#[test]
fn arguments_that_are_no_object_are_wrapped_and_reported() {
    let whole = r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"[1"}}]},"finish_reason":"tool_calls"}]}"#;
    for client in [Dialect::Anthropic, Dialect::Gemini] {
        let (out, losses) = replied(client, Dialect::OpenAiChat, whole);
        assert!(out.contains(r#"{"input":"[1"}"#), "{client}: {out}");
        assert_eq!(losses, ["invalid_arguments"], "{client}");
    }
}
