//! Whole replies: one text.

use aiclient_dialects::Dialect;

use super::text;

/// A reply of about so many bytes.
pub(crate) fn reply(dialect: Dialect, size: usize) -> String {
    let text = text(size.saturating_sub(300));
    match dialect {
        Dialect::OpenAiChat => format!(
            r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":40,"completion_tokens":20,"total_tokens":60}}}}"#
        ),
        Dialect::OpenAiResponses => format!(
            r#"{{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,"incomplete_details":null,"model":"m","output":[{{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{{"type":"output_text","text":"{text}","annotations":[]}}]}}],"usage":{{"input_tokens":40,"input_tokens_details":{{"cached_tokens":0}},"output_tokens":20,"output_tokens_details":{{"reasoning_tokens":0}},"total_tokens":60}}}}"#
        ),
        Dialect::Anthropic => format!(
            r#"{{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{{"type":"text","text":"{text}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":40,"output_tokens":20}}}}"#
        ),
        Dialect::Gemini => format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}],"role":"model"}},"index":0,"finishReason":"STOP"}}],"usageMetadata":{{"promptTokenCount":40,"candidatesTokenCount":20,"totalTokenCount":60}},"modelVersion":"m","responseId":"r1"}}"#
        ),
    }
}
