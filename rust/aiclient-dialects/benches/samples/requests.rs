//! Requests: a system prompt, a conversation, one tool.

use aiclient_dialects::Dialect;

use super::text;

const SCHEMA: &str = r#"{"type":"object","properties":{"place":{"type":"string","description":"A city and its country"}},"required":["place"]}"#;
/// Bytes of one turn's text.
const TURN: usize = 300;
/// Bytes of a turn with its members, and of what surrounds the turns, about.
const TURN_AROUND: usize = 400;

/// A request of about so many bytes.
pub(crate) fn request(dialect: Dialect, size: usize) -> String {
    let turns: Vec<String> =
        (0..(size / TURN_AROUND).max(2) - 1).map(|turn| self::turn(dialect, turn.is_multiple_of(2))).collect();
    let turns = turns.join(",");
    match dialect {
        Dialect::OpenAiChat => format!(
            r#"{{"model":"m","messages":[{{"role":"system","content":"Be brief."}},{turns}],"tools":[{{"type":"function","function":{{"name":"weather","description":"The weather","parameters":{SCHEMA}}}}}],"max_tokens":1000}}"#
        ),
        Dialect::OpenAiResponses => format!(
            r#"{{"model":"m","instructions":"Be brief.","input":[{turns}],"tools":[{{"type":"function","name":"weather","description":"The weather","parameters":{SCHEMA},"strict":false}}],"max_output_tokens":1000,"store":false}}"#
        ),
        Dialect::Anthropic => format!(
            r#"{{"model":"m","system":"Be brief.","messages":[{turns}],"tools":[{{"name":"weather","description":"The weather","input_schema":{SCHEMA}}}],"max_tokens":1000}}"#
        ),
        Dialect::Gemini => format!(
            r#"{{"systemInstruction":{{"parts":[{{"text":"Be brief."}}]}},"contents":[{turns}],"tools":[{{"functionDeclarations":[{{"name":"weather","description":"The weather","parametersJsonSchema":{SCHEMA}}}]}}],"generationConfig":{{"maxOutputTokens":1000}}}}"#
        ),
    }
}

fn turn(dialect: Dialect, users: bool) -> String {
    let text = text(TURN);
    match (dialect, users) {
        (Dialect::Gemini, _) => {
            let role = if users { "user" } else { "model" };
            format!(r#"{{"role":"{role}","parts":[{{"text":"{text}"}}]}}"#)
        }
        (_, users) => {
            let role = if users { "user" } else { "assistant" };
            format!(r#"{{"role":"{role}","content":"{text}"}}"#)
        }
    }
}
