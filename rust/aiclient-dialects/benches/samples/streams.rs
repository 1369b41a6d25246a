//! Streams: what opens one, and one delta of it. The same delta may come any number of times.

use aiclient_dialects::Dialect;

/// The frames of a stream that never ends.
pub(crate) struct Stream {
    /// What comes before the first delta.
    pub(crate) opening: &'static str,
    /// One delta of text.
    pub(crate) delta: &'static str,
}

/// A stream of one text.
pub(crate) fn stream(dialect: Dialect) -> Stream {
    match dialect {
        Dialect::OpenAiChat => Stream {
            opening: concat!(
                r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1741570283,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
                "\n\n"
            ),
            delta: concat!(
                r#"data: {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"m-2024-08-06","service_tier":"default","system_fingerprint":"fp_fc9f1d7035","choices":[{"index":0,"delta":{"content":" gateway"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
                "\n\n"
            ),
        },
        Dialect::OpenAiResponses => Stream {
            opening: concat!(
                "event: response.created\n",
                r#"data: {"type":"response.created","response":{"id":"resp_1","object":"response","created_at":1741570283,"status":"in_progress","error":null,"incomplete_details":null,"model":"m","output":[],"usage":null},"sequence_number":0}"#,
                "\n\nevent: response.output_item.added\n",
                r#"data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]},"sequence_number":1}"#,
                "\n\nevent: response.content_part.added\n",
                r#"data: {"type":"response.content_part.added","item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]},"sequence_number":2}"#,
                "\n\n"
            ),
            delta: concat!(
                "event: response.output_text.delta\n",
                r#"data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":" gateway","logprobs":[],"sequence_number":3,"obfuscation":"XzR4"}"#,
                "\n\n"
            ),
        },
        Dialect::Anthropic => Stream {
            opening: concat!(
                "event: message_start\n",
                r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}"#,
                "\n\nevent: content_block_start\n",
                r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                "\n\n"
            ),
            delta: concat!(
                "event: content_block_delta\n",
                r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" gateway"}}"#,
                "\n\n"
            ),
        },
        Dialect::Gemini => Stream {
            opening: "",
            delta: concat!(
                r#"data: {"candidates": [{"content": {"parts": [{"text": " gateway"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 9,"candidatesTokenCount": 5,"totalTokenCount": 14},"modelVersion": "m","responseId": "n2KJaJ3dNo6tmtkPy7iBkQc"}"#,
                "\r\n\r\n"
            ),
        },
    }
}
