//! Counting the tokens of a request, in the words of each dialect.
//!
//! Three dialects have an endpoint for it, which takes a request for an answer without what shapes the answer.
//! References: docs.claude.com/en/api/messages-count-tokens, ai.google.dev/api/tokens,
//! platform.openai.com/docs/api-reference/responses/input-tokens.

use crate::dialect::Dialect;
use crate::json::{Invalid, Node, Number, Raw, json_object, parse, write_object};

/// Members that Anthropic's endpoint takes.
const ANTHROPIC: [&str; 10] = [
    "model",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
    "context_management",
    "mcp_servers",
];
/// Members that OpenAI's endpoint takes.
const RESPONSES: [&str; 12] = [
    "model",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "text",
    "reasoning",
    "truncation",
    "parallel_tool_calls",
    "previous_response_id",
    "conversation",
    "personality",
];

json_object! {
    /// What Gemini's clients ask: contents, or a whole request.
    struct CountRequest<'a> {
        whole: Raw<'a> = "generateContentRequest" | "generate_content_request",
        ..ignored
    }
}

json_object! {
    struct Count<'a> {
        tokens: Number<'a> = "input_tokens" | "totalTokens" | "total_tokens",
        ..ignored
    }
}

/// The request for an answer that a request to count is about.
pub(crate) fn counted(client: Dialect, body: &str) -> Result<&str, Invalid> {
    if client != Dialect::Gemini {
        return Ok(body);
    }
    Ok(parse::<CountRequest<'_>>(body)?.whole.map_or(body, Raw::text))
}

/// Whether a dialect has an endpoint that counts.
pub fn can_count(dialect: Dialect) -> bool {
    dialect != Dialect::OpenAiChat
}

/// A request to count, made of a request for an answer that was written for this upstream.
pub(crate) fn shape(upstream: Dialect, model: &str, body: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 64);
    match upstream {
        Dialect::Gemini => write_object(&mut out, |request| {
            let name = format!("models/{}", model.strip_prefix("models/").unwrap_or(model));
            request.object("generateContentRequest", |whole| {
                whole.field("model", name);
                for (key, value) in members(body) {
                    whole.own(&key, &value);
                }
            });
        }),
        other => {
            let known: &[&str] = if other == Dialect::Anthropic { &ANTHROPIC } else { &RESPONSES };
            write_object(&mut out, |request| {
                for (key, value) in members(body).into_iter().filter(|(key, _)| known.contains(&&**key)) {
                    request.own(&key, &value);
                }
            });
        }
    }
    out
}

fn members(body: &str) -> Vec<(std::borrow::Cow<'_, str>, Node<'_>)> {
    match parse::<Node<'_>>(body) {
        Ok(Node::Object(members)) => members,
        _ => Vec::new(),
    }
}

/// The count in an upstream's answer.
pub(crate) fn read(body: &str) -> Result<u64, Invalid> {
    let count: Count<'_> = parse(body)?;
    let missing = Invalid { place: count.place, expected: "a number of tokens" };
    count.tokens.and_then(Number::as_u64).ok_or(missing)
}

/// The answer for a client.
pub fn write_count(client: Dialect, tokens: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write_object(&mut out, |body| match client {
        Dialect::Gemini => body.field("totalTokens", tokens),
        Dialect::Anthropic => body.field("input_tokens", tokens),
        Dialect::OpenAiResponses | Dialect::OpenAiChat => {
            body.field("object", "response.input_tokens");
            body.field("input_tokens", tokens);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_loses_what_shapes_the_answer() {
        let shaped = |upstream, body| String::from_utf8(shape(upstream, "m", body)).unwrap_or_default();
        assert_eq!(
            shaped(Dialect::Anthropic, r#"{"model":"m","max_tokens":9,"messages":[1.0],"stream":true}"#),
            r#"{"model":"m","messages":[1.0]}"#
        );
        assert_eq!(
            shaped(Dialect::OpenAiResponses, r#"{"model":"m","input":[],"store":false,"include":[]}"#),
            r#"{"model":"m","input":[]}"#
        );
        assert_eq!(
            shaped(Dialect::Gemini, r#"{"contents":[]}"#),
            r#"{"generateContentRequest":{"model":"models/m","contents":[]}}"#
        );
    }

    #[test]
    fn counts_are_read_in_all_words() {
        for body in [r#"{"input_tokens":7}"#, r#"{"totalTokens":7,"x":1}"#, r#"{"object":"o","input_tokens":7}"#] {
            assert_eq!(read(body), Ok(7));
        }
        assert!(read("{}").is_err() && read("[]").is_err());
    }
}
