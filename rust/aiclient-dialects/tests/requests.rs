//! What becomes of requests on their way between dialects: bytes in, bytes out, what was dropped.

use std::borrow::Cow;

use Dialect::{Anthropic, Gemini, OpenAiChat, OpenAiResponses};
use aiclient_dialects::{Dialect, Exchange, OnLoss, read_head};

/// A request that is translated.
struct Case {
    name: &'static str,
    client: Dialect,
    upstream: Dialect,
    model: &'static str,
    body: &'static str,
    expected: &'static str,
    dropped: &'static [&'static str],
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case {
        name: "tool results come first and together",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a b","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0}"}},{"id":"c","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"a b","content":"1"},{"role":"tool","tool_call_id":"c","content":"2"},{"role":"user","content":"go"}],"max_tokens":50,"tools":[{"type":"function","function":{"name":"f"}}]}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]},{"role":"assistant","content":[{"type":"tool_use","id":"a_b_10a3f9f2","name":"f","input":{"x": 1.0}},{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a_b_10a3f9f2","content":"1"},{"type":"tool_result","tool_use_id":"c","content":"2"},{"type":"text","text":"go"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}"#,
        dropped: &[],
    },
    Case {
        name: "responses stand alone and in the order of the calls",
        client: Anthropic,
        upstream: Gemini,
        model: "gemini-2.5-flash",
        body: r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"a","input":{}},{"type":"tool_use","id":"2","name":"b","input":{"k":[1]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"2","content":"B"},{"type":"tool_result","tool_use_id":"1","content":"A","is_error":true},{"type":"text","text":"and?"}]}]}"#,
        expected: r#"{"contents":[{"role":"user","parts":[{"text":"Q"}]},{"role":"model","parts":[{"functionCall":{"name":"a","args":{}}},{"functionCall":{"name":"b","args":{"k":[1]}}}]},{"role":"user","parts":[{"functionResponse":{"name":"a","response":{"error":"A"}}},{"functionResponse":{"name":"b","response":{"output":"B"}}}]},{"role":"user","parts":[{"text":"and?"}]}],"generationConfig":{"maxOutputTokens":9}}"#,
        dropped: &[],
    },
    Case {
        name: "a tool message holds text; its image follows",
        client: Anthropic,
        upstream: OpenAiChat,
        model: "gpt-4o",
        body: r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"a","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]}]}"#,
        expected: r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Q"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"see\n[image 1 attached below]"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"max_tokens":9}"#,
        dropped: &["/messages/2/content/0/content/1 tool_result_media"],
    },
    Case {
        name: "a system message inside the conversation stays at its place",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"messages":[{"role":"user","content":"Q"},{"role":"system","content":"Now be brief."},{"role":"user","content":"R"}],"max_tokens":50}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"},{"type":"text","text":"<system-reminder>Now be brief.</system-reminder>"},{"type":"text","text":"R"}]}]}"#,
        dropped: &["/messages/1 mid_conversation_system"],
    },
    Case {
        name: "hot sampling is clamped, unknown settings are dropped",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_completion_tokens":50,"temperature":1.5,"seed":3,"presence_penalty":0,"frequency_penalty":0.5,"verbosity":"low","user":"u"}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"temperature":1,"metadata":{"user_id":"u"}}"#,
        dropped: &["/temperature sampling", "/frequency_penalty penalties", "/seed seed", "/verbosity verbosity"],
    },
    Case {
        name: "a model without sampling",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-opus-4-7",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_tokens":50,"temperature":0.7,"reasoning_effort":"high"}"#,
        expected: r#"{"model":"claude-opus-4-7","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}}"#,
        dropped: &["/temperature sampling"],
    },
    Case {
        name: "effort becomes a budget below the limit",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4-5",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_tokens":3000,"reasoning_effort":"high"}"#,
        expected: r#"{"model":"claude-sonnet-4-5","max_tokens":3000,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"thinking":{"type":"enabled","budget_tokens":2250}}"#,
        dropped: &[],
    },
    Case {
        name: "thoughts and calls that are items apart are one turn that may go on thinking",
        client: OpenAiResponses,
        upstream: Anthropic,
        model: "claude-sonnet-4-5",
        body: r#"{"input":[{"role":"user","content":"Q"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"T"}],"encrypted_content":"aic1.as.c2ln"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"R"}],"max_output_tokens":4000,"reasoning":{"effort":"low"},"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}]}"#,
        expected: r#"{"model":"claude-sonnet-4-5","max_tokens":4000,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"c2ln"},{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"R"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"thinking":{"type":"enabled","budget_tokens":2048}}"#,
        dropped: &[],
    },
    Case {
        name: "a forced tool and thinking exclude each other",
        client: Gemini,
        upstream: Anthropic,
        model: "claude-sonnet-4-5",
        body: r#"{"contents":[{"parts":[{"text":"Q"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"x":{"type":"STRING","nullable":true}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},"generationConfig":{"maxOutputTokens":64000,"thinkingConfig":{"thinkingBudget":2048}}}"#,
        expected: r#"{"model":"claude-sonnet-4-5","max_tokens":64000,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{"x":{"type":["string","null"]}}}}],"tool_choice":{"type":"any"},"thinking":{"type":"disabled"}}"#,
        dropped: &["/toolConfig/functionCallingConfig forced_tool_with_thinking", "/generationConfig/thinkingConfig/thinkingBudget reasoning_effort"],
    },
    Case {
        name: "one call at a time",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_tokens":50,"parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"mcp.x/y","parameters":{"type":"object"}}}]}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"tools":[{"name":"mcp_x_y_4f7a0f9d","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}"#,
        dropped: &[],
    },
    Case {
        name: "structured output closes every object",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4-5",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_tokens":50,"response_format":{"type":"json_schema","json_schema":{"name":"r","schema":{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}}}}"#,
        expected: r#"{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"n":{"type":"integer","description":"[minimum: 1]"}},"additionalProperties":false}}}}"#,
        dropped: &["/response_format schema_constraint"],
    },
    Case {
        name: "a level for the newest, with a stand-in for the signature",
        client: OpenAiChat,
        upstream: Gemini,
        model: "gemini-3-pro",
        body: r#"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"{\"a\": 1}"}],"reasoning_effort":"xhigh","n":2,"stop":"END","logprobs":true,"top_logprobs":2}"#,
        expected: r#"{"contents":[{"role":"user","parts":[{"text":"Q"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"{\"a\": 1}"}}}]}],"generationConfig":{"candidateCount":2,"stopSequences":["END"],"responseLogprobs":true,"logprobs":2,"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}}}"#,
        dropped: &["/messages/1/tool_calls/0 reasoning_signature", "/reasoning_effort reasoning_effort"],
    },
    Case {
        name: "empty tools and their choice are left out",
        client: Anthropic,
        upstream: OpenAiChat,
        model: "gpt-5-mini",
        body: r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"}],"tools":[],"tool_choice":{"type":"auto"},"thinking":{"type":"disabled"},"temperature":1,"top_k":5}"#,
        expected: r#"{"model":"gpt-5-mini","messages":[{"role":"user","content":"Q"}],"max_completion_tokens":9,"temperature":1}"#,
        dropped: &["/top_k top_k", "/thinking reasoning_effort"],
    },
    Case {
        name: "a document is told as text, a PDF is a file",
        client: Anthropic,
        upstream: OpenAiChat,
        model: "gpt-4o",
        body: r#"{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"D"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="},"citations":{"enabled":true}}]}]}"#,
        expected: r#"{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"<document title=\"T\">\nD\n</document>"},{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,AA=="}}]}],"max_tokens":9}"#,
        dropped: &["/messages/0/content/1/citations document_options"],
    },
    Case {
        name: "a vendor's own seal comes back, another's does not",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"max_tokens":50,"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A","reasoning_content":"T","reasoning_details":[{"type":"reasoning.text","text":"T","signature":"aic1.as.c2ln"}]},{"role":"user","content":"R"},{"role":"assistant","content":"B","reasoning_content":"U"},{"role":"user","content":"S"}]}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"c2ln"},{"type":"text","text":"A"}]},{"role":"user","content":[{"type":"text","text":"R"}]},{"role":"assistant","content":[{"type":"text","text":"B"}]},{"role":"user","content":[{"type":"text","text":"S"}]}]}"#,
        dropped: &["/messages/3 reasoning_history"],
    },
    Case {
        name: "constraints that cannot be enforced are told",
        client: Anthropic,
        upstream: Gemini,
        model: "gemini-2.5-pro",
        body: r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"}],"tools":[{"name":"f","input_schema":{"$schema":"s","type":"object","properties":{"u":{"type":"string","format":"uri"},"k":{"const":"v"}}}}],"tool_choice":{"type":"tool","name":"f"},"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}]}"#,
        expected: r#"{"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Q"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"u":{"type":"string","description":"[format: \"uri\"]"},"k":{"enum":["v"]}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":9}}"#,
        dropped: &["/tools/0 schema_constraint"],
    },
    Case {
        name: "search options are nested as each vendor nests them",
        client: OpenAiResponses,
        upstream: Anthropic,
        model: "claude-sonnet-4-5",
        body: r#"{"input":"Q","max_output_tokens":50,"tools":[{"type":"web_search","search_context_size":"low","user_location":{"type":"approximate","city":"Köln"},"filters":{"allowed_domains":["a.de"]}}],"tool_choice":"required"}"#,
        expected: r#"{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"tools":[{"type":"web_search_20250305","name":"web_search","allowed_domains":["a.de"],"user_location":{"type":"approximate","city":"Köln"}}],"tool_choice":{"type":"any"}}"#,
        dropped: &["/tools/0/search_context_size web_search"],
    },
    Case {
        name: "a location is told to another dialect of the same vendor",
        client: OpenAiChat,
        upstream: OpenAiResponses,
        model: "gpt-4o",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"web_search_options":{"user_location":{"type":"approximate","approximate":{"country":"DE"}}}}"#,
        expected: r#"{"model":"gpt-4o","input":[{"type":"message","role":"user","content":"Q"}],"tools":[{"type":"web_search","user_location":{"type":"approximate","country":"DE"}}],"store":false,"include":["reasoning.encrypted_content"]}"#,
        dropped: &[],
    },
    Case {
        name: "functions are worth more than a search that cannot stand beside them",
        client: OpenAiResponses,
        upstream: Gemini,
        model: "gemini-3-pro-preview",
        body: r#"{"input":"Q","tools":[{"type":"function","name":"f","strict":false,"parameters":{"type":"object"}},{"type":"web_search","external_web_access":true}]}"#,
        expected: r#"{"contents":[{"role":"user","parts":[{"text":"Q"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}]}"#,
        dropped: &["/tools/1/external_web_access web_search", "/tools/1 web_search"],
    },
    Case {
        name: "strict tools are validated",
        client: OpenAiChat,
        upstream: Gemini,
        model: "gemini-2.5-pro",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{},"required":[],"additionalProperties":false}}}]}"#,
        expected: r#"{"contents":[{"role":"user","parts":[{"text":"Q"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{},"required":[],"additionalProperties":false}}]}],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"}}}"#,
        dropped: &[],
    },
    Case {
        name: "a model that cannot be held to a schema calls a tool with its answer",
        client: OpenAiChat,
        upstream: Anthropic,
        model: "claude-sonnet-4",
        body: r#"{"messages":[{"role":"user","content":"Q"}],"max_tokens":50,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{}}}}}"#,
        expected: r#"{"model":"claude-sonnet-4","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"tools":[{"name":"json_response","description":"Takes the answer to the user, in full.","input_schema":{"type":"object","properties":{},"additionalProperties":false}}],"tool_choice":{"type":"tool","name":"json_response"}}"#,
        dropped: &[],
    },
    Case {
        name: "one of several words becomes a member of an object",
        client: Gemini,
        upstream: OpenAiChat,
        model: "gpt-4o",
        body: r#"{"contents":[{"parts":[{"text":"Q"}]}],"generationConfig":{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["a","b"]}}}"#,
        expected: r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Q"}],"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object","properties":{"value":{"type":"string","enum":["a","b"]}},"required":["value"],"additionalProperties":false},"strict":true}}}"#,
        dropped: &[],
    },
    Case {
        name: "a list becomes a member of an object",
        client: Gemini,
        upstream: OpenAiResponses,
        model: "gpt-4o",
        body: r#"{"contents":[{"parts":[{"text":"Q"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING"}}}}"#,
        expected: r#"{"model":"gpt-4o","input":[{"type":"message","role":"user","content":"Q"}],"text":{"format":{"type":"json_schema","name":"response","schema":{"type":"object","properties":{"value":{"type":"array","items":{"type":"string"}}},"required":["value"],"additionalProperties":false},"strict":true}},"store":false,"include":["reasoning.encrypted_content"]}"#,
        dropped: &[],
    },
];

#[test]
fn requests_say_the_same_in_another_dialect() {
    for case in CASES {
        let mut exchange = Exchange::new(case.client, case.upstream, "exchange", 1, OnLoss::Report);
        let out = exchange
            .request(case.body.as_bytes(), case.model, false)
            .map(|out| String::from_utf8_lossy(&out).into_owned());
        assert_eq!(out.as_deref(), Ok(case.expected), "{}", case.name);
        let dropped: Vec<String> =
            exchange.losses().iter().map(|loss| format!("{} {}", loss.pointer, loss.feature.name())).collect();
        assert_eq!(dropped, case.dropped, "{}", case.name);
    }
}

#[test]
fn nothing_is_dropped_where_that_is_not_wanted() {
    for case in CASES.iter().filter(|case| !case.dropped.is_empty()) {
        let mut exchange = Exchange::new(case.client, case.upstream, "exchange", 1, OnLoss::Reject);
        let refused = exchange.request(case.body.as_bytes(), case.model, false).map_err(|error| error.to_string());
        let pointer = case.dropped[0].split(' ').next().unwrap_or_default();
        assert!(refused.is_err_and(|message| message.starts_with(pointer)), "{}", case.name);
    }
}

/// Client, upstream, body, and the words it is refused with.
#[rustfmt::skip]
const REFUSED: &[(Dialect, Dialect, &str, &str)] = &[
    (OpenAiChat, Anthropic, r#"{"messages":[{"role":"user","content":"Q"}],"n":3}"#, "/n: choices cannot be translated to anthropic: more than one answer to a request"),
    (Anthropic, OpenAiChat, r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"}],"stop_sequences":["a","b","c","d","e"]}"#, "/stop_sequences: stop_sequences cannot be translated to openai_chat: this many or such stop sequences"),
    (OpenAiChat, Gemini, r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}"#, "/messages/0/content/0: remote_media cannot be translated to gemini: a medium by its address"),
    (Gemini, OpenAiChat, r#"{"contents":[{"parts":[{"text":"Q"}]}],"cachedContent":"c/1"}"#, "/cachedContent: cached_content cannot be translated to openai_chat: content that is stored at the vendor"),
    (Gemini, Anthropic, r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/heic","data":"AA=="}}]}]}"#, "/contents/0/parts/0: image_format cannot be translated to anthropic: an image of this type"),
    (OpenAiChat, Anthropic, r#"{"messages":[{"role":"user","content":"Q"}],"logprobs":true}"#, "/logprobs: log_probabilities cannot be translated to anthropic: probabilities of tokens"),
    (Anthropic, OpenAiChat, r#"{"max_tokens":0,"messages":[{"role":"user","content":"Q"}]}"#, "/max_tokens: output_limit cannot be translated to openai_chat: a limit on the length of the answer"),
    (OpenAiChat, Anthropic, r#"{"messages":[{"role":"user","content":" "}]}"#, "/messages/0/content: expected content that is not blank"),
    (OpenAiChat, Gemini, r#"{"messages":[{"role":"system","content":"S"}]}"#, "/messages/0: expected at least one message that is not a system message"),
    (OpenAiResponses, OpenAiChat, r#"{"input":"Q","tools":[{"type":"code_interpreter","container":{"type":"auto"}}],"tool_choice":"required"}"#, "/tool_choice: hosted_tool cannot be translated to openai_chat: a tool that the vendor runs"),
    (OpenAiResponses, Gemini, r#"{"input":"Q","tools":[{"type":"mcp","server_label":"s","server_url":"https://s.example"}]}"#, "/tools/0: hosted_tool cannot be translated to gemini: a tool that the vendor runs"),
    (OpenAiResponses, Anthropic, r#"{"input":[{"type":"message","role":"assistant","content":"A"},{"type":"message","role":"user","content":"Q"}]}"#, "/input/0: leading_assistant cannot be translated to anthropic: a conversation that the assistant begins"),
    (OpenAiResponses, Anthropic, r#"{"input":[{"type":"compaction","encrypted_content":"x"}]}"#, "/input/0: cached_content cannot be translated to anthropic: content that is stored at the vendor"),
    (Anthropic, OpenAiResponses, r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"}],"tools":[{"type":"bash_20250124","name":"bash"}]}"#, "/tools/0: hosted_tool cannot be translated to openai_responses: a tool that the vendor runs"),
    (Anthropic, Gemini, r#"{"max_tokens":9,"messages":[{"role":"user","content":"Q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any"}}"#, "/tool_choice: web_search cannot be translated to gemini: search by the vendor"),
];

#[test]
fn what_cannot_be_said_is_refused_by_name() {
    for (client, upstream, body, expected) in REFUSED {
        let mut exchange = Exchange::new(*client, *upstream, "exchange", 1, OnLoss::Report);
        let refused =
            exchange.request(body.as_bytes(), "m", false).map(|out| out.len()).map_err(|error| error.to_string());
        assert_eq!(refused, Err((*expected).to_owned()), "{body}");
    }
}

/// A head that was read before is of use for its own body only.
#[test]
fn a_known_head_changes_nothing_but_the_work() {
    let body = r#"{"model":"abc","messages":[{"role":"user","content":"\"abc\""}],"n":2}"#;
    let other = r#"{"messages":[{"role":"user","content":"\"abc\""}],"n":2,"model":"abd"}"#;
    let escaped = r#"{"model":"\u0061","messages":[{"role":"user","content":"a"}]}"#;
    assert_eq!(body.len(), other.len());
    for (read, asked) in [(body, body), (body, other), (escaped, escaped)] {
        let head = read_head(OpenAiChat, read.as_bytes(), false).ok();
        assert!(head.is_some());
        let exchange = || Exchange::new(OpenAiChat, OpenAiChat, "id", 1, OnLoss::Report);
        let with =
            exchange().request_with_head(asked.as_bytes(), "upstream", false, head.as_ref()).map(Cow::into_owned);
        let without = exchange().request(asked.as_bytes(), "upstream", false).map(Cow::into_owned);
        assert_eq!(with, without, "{asked}");
        assert!(without.is_ok_and(|out| String::from_utf8_lossy(&out).contains(r#""model":"upstream""#)));
    }
}
