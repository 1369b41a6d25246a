//! A client's request to the neutral form.

use super::super::{service_tier, web_search};
use super::read_content::{ContentReader, push_part, unpacked};
use super::wire;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{Effort, Format, Message, Part, Reasoning, Request, Role, Tool, ToolChoice, ToolInput, WebSearch};
use crate::json::{At, Kind, Literal, Raw, Text, parse};
use crate::loss::{Feature, Losses};

/// Read a request.
pub(super) fn read_request<'a>(body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal> {
    let wire: wire::Request<'a> = parse(body)?;
    settle_own_fields(&wire, losses)?;
    let mut request = Request::new(Dialect::Gemini);
    let mut reader = ContentReader::new(losses);
    match wire.system_instruction {
        Some(wire::System::Text(text)) => {
            request.messages.push(Message {
                role: Role::System,
                parts: vec![Part::text(text, text.place())],
                place: text.place(),
            });
        }
        Some(wire::System::Content(content)) => {
            let place = content.place;
            let parts = reader.parts(content.parts.unwrap_or_default())?;
            request.messages.push(Message { role: Role::System, parts, place });
        }
        None => {}
    }
    let contents =
        wire.contents.ok_or_else(|| Refusal::malformed(wire.place.field("contents"), "an array of contents"))?;
    for content in contents.0 {
        push_message(reader.message(content)?, &mut request.messages);
    }
    for message in request.messages.iter_mut().filter(|message| message.role == Role::Assistant) {
        message.parts = unpacked(std::mem::take(&mut message.parts));
    }
    request.tools = read_tools(wire.tools, &mut request.web_search, losses)?;
    request.tool_choice = wire
        .tool_config
        .and_then(|config| config.function_calling_config)
        .map(|config| read_choice(config, losses))
        .transpose()?
        .flatten();
    request.service_tier = wire.service_tier.and_then(|tier| service_tier::read(tier, losses));
    request.stream_usage = true;
    if let Some(config) = wire.generation_config {
        read_config(config, &mut request, losses)?;
    }
    Ok(request)
}

/// Contents of the model in a row are one: SDKs send each chunk of a stream back as a content of its own.
fn push_message<'a>(message: Message<'a>, messages: &mut Vec<Message<'a>>) {
    match messages.last_mut() {
        Some(last) if last.role == Role::Assistant && message.role == Role::Assistant => {
            message.parts.into_iter().for_each(|part| push_part(part, &mut last.parts));
        }
        _ => messages.push(message),
    }
}

/// What no other dialect has.
fn settle_own_fields(wire: &wire::Request<'_>, losses: &mut Losses) -> Result<(), Refusal> {
    if let Some(cached) = wire.cached_content.filter(|cached| cached.text() != "\"\"") {
        losses.refuse(cached.place(), Feature::CachedContent)?;
    }
    if let Some(settings) = wire.safety_settings.filter(|settings| settings.text() != "[]") {
        losses.report(settings.place(), Feature::SafetySettings);
    }
    [wire.labels, wire.store].iter().flatten().for_each(|_| losses.hint());
    if let Some(config) = &wire.tool_config {
        report_unknown(&config.unknown, Feature::ToolOptions, losses);
    }
    report_unknown(&wire.unknown, Feature::UnknownField, losses);
    Ok(())
}

fn report_unknown(unknown: &[crate::json::Unknown<'_>], feature: Feature, losses: &mut Losses) {
    for member in unknown.iter().filter(|member| !member.is_void()) {
        losses.report(member.place(), feature);
    }
}

fn read_tools<'a>(
    tools: Option<Vec<wire::Tool<'a>>>,
    web_search: &mut Option<WebSearch<'a>>,
    losses: &mut Losses,
) -> Result<Vec<Tool<'a>>, Refusal> {
    let mut read = Vec::new();
    for tool in tools.into_iter().flatten() {
        for declaration in tool.function_declarations.into_iter().flatten() {
            read.push(read_declaration(declaration, losses)?);
        }
        if let Some(search) = tool.google_search {
            *web_search = Some(web_search::read(search, losses)?);
        }
        for member in &tool.unknown {
            let feature = if member.key == *"codeExecution" || member.key == *"code_execution" {
                Feature::CodeExecution
            } else {
                Feature::HostedTool
            };
            losses.report(member.place(), feature);
        }
    }
    Ok(read)
}

fn read_declaration<'a>(declaration: wire::FunctionDeclaration<'a>, losses: &mut Losses) -> Result<Tool<'a>, Refusal> {
    let name = declaration.name.ok_or_else(|| Refusal::malformed(declaration.place.field("name"), "a string"))?;
    report_unknown(&declaration.unknown, Feature::ToolOptions, losses);
    let input = match (declaration.parameters_json_schema, declaration.parameters) {
        (Some(schema), _) => ToolInput::JsonSchema(Some(schema)),
        (None, Some(schema)) => ToolInput::OpenApiSchema(schema),
        (None, None) => ToolInput::JsonSchema(None),
    };
    Ok(Tool {
        name: name.into(),
        description: declaration.description.map(Text::from),
        input,
        strict: None,
        cache: None,
        place: declaration.place,
    })
}

fn read_choice<'a>(
    config: wire::FunctionCallingConfig<'a>,
    losses: &mut Losses,
) -> Result<Option<At<ToolChoice<'a>>>, Refusal> {
    let Some(mode) = config.mode else { return Ok(None) };
    let mut names: Vec<Text<'_>> = config.allowed_function_names.into_iter().flatten().map(Text::from).collect();
    let required = match mode.escaped().to_ascii_uppercase().as_str() {
        "AUTO" | "MODE_UNSPECIFIED" => false,
        "VALIDATED" => {
            losses.report(mode.place(), Feature::StrictSchema);
            false
        }
        "ANY" => true,
        "NONE" => {
            return Ok(Some(At { value: ToolChoice::None, place: config.place }));
        }
        _ => return Err(Refusal::malformed(mode.place(), "AUTO, ANY, NONE or VALIDATED")),
    };
    let value = match (required, names.len()) {
        (false, 0) => ToolChoice::Auto,
        (true, 0) => ToolChoice::Required,
        (true, 1) => ToolChoice::Named(names.remove(0)),
        (required, _) => ToolChoice::Allowed { required, names },
    };
    Ok(Some(At { value, place: config.place }))
}

fn read_config<'a>(
    config: wire::GenerationConfig<'a>,
    request: &mut Request<'a>,
    losses: &mut Losses,
) -> Result<(), Refusal> {
    report_unknown(&config.unknown, Feature::UnknownField, losses);
    if let Some(modality) =
        config.response_modalities.iter().flatten().find(|modality| !modality.escaped().eq_ignore_ascii_case("text"))
    {
        losses.refuse(modality.place(), Feature::AudioOutput)?;
    }
    if let Some(speech) = config.speech_config {
        losses.report(speech.place(), Feature::AudioOutput);
    }
    if let Some(resolution) = config.media_resolution {
        losses.report(resolution.place(), Feature::MediaOptions);
    }
    let number = |loose: Option<wire::Loose<'a>>| loose.map(|loose| loose.0);
    request.temperature = number(config.temperature);
    request.top_p = number(config.top_p);
    request.top_k = number(config.top_k);
    request.choices = number(config.candidate_count);
    request.max_output_tokens = number(config.max_output_tokens);
    request.seed = number(config.seed);
    request.presence_penalty = number(config.presence_penalty);
    request.frequency_penalty = number(config.frequency_penalty);
    request.log_probabilities = config.response_logprobs;
    request.top_log_probabilities = number(config.logprobs);
    if let Some(stops) = config.stop_sequences {
        request.stop_place = stops.place;
        request.stop = stops.value.into_iter().map(Text::from).collect();
    }
    request.reasoning = config.thinking_config.map(read_thinking).transpose()?.unwrap_or_default();
    request.format =
        read_format(config.response_mime_type, config.response_json_schema, config.response_schema, losses)?;
    Ok(())
}

fn read_thinking(config: wire::ThinkingConfig<'_>) -> Result<Reasoning<'_>, Refusal> {
    let mut reasoning =
        Reasoning { visible: config.include_thoughts.filter(|include| !include), ..Reasoning::default() };
    if let Some(level) = config.thinking_level {
        let expected = "MINIMAL, LOW, MEDIUM or HIGH";
        match level.escaped() {
            "THINKING_LEVEL_UNSPECIFIED" => {}
            word => {
                let value = Effort::named(word).ok_or_else(|| Refusal::malformed(level.place(), expected))?;
                reasoning.effort = Some(At { value, place: level.place() });
            }
        }
    }
    reasoning.budget = config.thinking_budget.map(|budget| budget.0);
    // Without a measure, or with -1, the model thinks as it likes.
    let unmeasured = reasoning.budget.is_some_and(|budget| budget.as_i64() == Some(-1));
    if unmeasured || (reasoning.budget.is_none() && reasoning.effort.is_none()) {
        reasoning.budget = None;
        reasoning.enabled = Some(At { value: true, place: config.place });
    }
    Ok(reasoning)
}

fn read_format<'a>(
    mime_type: Option<Literal<'a>>,
    json_schema: Option<Raw<'a>>,
    schema: Option<Raw<'a>>,
    losses: &Losses,
) -> Result<Option<At<Format<'a>>>, Refusal> {
    if let Some(mime_type) = mime_type {
        match mime_type.escaped() {
            "text/x.enum" => return read_one_of(mime_type, json_schema.or(schema), losses).map(Some),
            "text/plain" => return Ok(None),
            "application/json" | "application\\/json" => {}
            _ => return Err(Refusal::malformed(mime_type.place(), "text/plain or application/json")),
        }
    }
    let (value, place) = match (json_schema, schema, mime_type) {
        (Some(schema), _, _) => {
            (Format::JsonSchema { schema, name: None, description: None, strict: None }, schema.place())
        }
        (None, Some(schema), _) => (Format::OpenApiSchema(schema), schema.place()),
        (None, None, Some(mime_type)) => (Format::JsonObject, mime_type.place()),
        (None, None, None) => return Ok(None),
    };
    Ok(Some(At { value, place }))
}

/// `text/x.enum`: the answer is one of the texts that the schema lists.
fn read_one_of<'a>(
    mime_type: Literal<'a>,
    schema: Option<Raw<'a>>,
    losses: &Losses,
) -> Result<At<Format<'a>>, Refusal> {
    let texts = match schema {
        Some(schema) if schema.kind() == Kind::Object => schema.read::<wire::TextEnum<'a>>()?.one_of,
        _ => None,
    };
    match texts.filter(|texts| texts.read::<Vec<Literal<'_>>>().is_ok_and(|texts| !texts.is_empty())) {
        Some(texts) => Ok(At { value: Format::OneOf(texts), place: mime_type.place() }),
        None => losses.refuse(mime_type.place(), Feature::StructuredOutput),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Option<String> {
        read_request(body, &mut Losses::default()).err().map(|refusal| refusal.locate(body, "anthropic").to_string())
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (body, expected) in [
            ("{}", "/contents: expected an array of contents"),
            (r#"{"contents":[{"role":"bot","parts":[]}]}"#, "/contents/0/role: expected a role: user or model"),
            (r#"{"contents":[],"generationConfig":{"topK":"many"}}"#, "/generationConfig/topK: expected a number"),
            (
                r#"{"contents":[],"tools":[{"functionDeclarations":[{}]}]}"#,
                "/tools/0/functionDeclarations/0/name: expected a string",
            ),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(expected), "{body}");
        }
        assert!(refusal(r#"{"contents":[],"cachedContent":"c/1"}"#).is_some());
    }

    #[test]
    fn both_spellings_and_quoted_numbers_are_read() -> Result<(), Refusal> {
        let body = r#"{"contents":{"parts":[{"text":"x"}]},"generation_config":{"max_output_tokens":"64","thinkingConfig":{"thinkingBudget":-1}}}"#;
        let request = read_request(body, &mut Losses::default())?;
        assert_eq!(request.max_output_tokens.and_then(crate::json::Number::as_u64), Some(64));
        assert_eq!(request.reasoning.enabled.map(|enabled| enabled.value), Some(true));
        assert_eq!(request.messages.len(), 1);
        Ok(())
    }
}
