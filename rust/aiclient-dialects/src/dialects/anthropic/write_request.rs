//! The neutral form to a request for an upstream.

use super::super::Outgoing;
use super::super::answer_schema::{AnswerSchema, answer_schema};
use super::super::custom_tool::{CUSTOM_SCHEMA, custom_description};
use super::super::models::{Thinking, Traits, nearest_effort};
use super::super::reminders::with_reminders;
use super::super::web_search;
use super::names::{LONGEST_NAME, is_tool_name};
use super::schema::{write_closed, write_input, write_openapi};
use super::write_content::ContentWriter;
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    ANSWER_TOOL, Effort, Format, Message, PartContent, Request, Role, ServiceTier, Tool, ToolChoice, ToolInput,
    WebSearch, turns,
};
use crate::json::{Literal, Number, Object, Place, Raw, Text, parse, write_object};
use crate::loss::Feature;

/// The limit on output where the client sets none, unless the model's own is lower.
const DEFAULT_LIMIT: u64 = 32_000;
/// The least that can be thought.
const LEAST_BUDGET: u64 = 1024;

/// How the model is to think, once everything that forbids it is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// As it does by itself.
    Unsaid,
    Disabled,
    Budget(u64),
    Adaptive(Option<Effort>),
}

/// Append a request.
pub(super) fn write_request(request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    refuse_what_cannot_be(request, to)?;
    let traits = to.traits;
    let limit = request.max_output_tokens.and_then(Number::as_u64);
    let limit = limit.unwrap_or_else(|| traits.output_limit.unwrap_or(DEFAULT_LIMIT).min(DEFAULT_LIMIT));
    let plan = plan(request, traits, limit, to);
    let thinks = matches!(plan, Plan::Budget(_) | Plan::Adaptive(_));
    if let Some((_, place)) = emulated_format(request, traits).filter(|_| thinks || !request.tools.is_empty()) {
        return to.losses.refuse(place, Feature::StructuredOutput);
    }
    let mut outcome = Ok(());
    write_object(out, |body| {
        body.field("model", to.model);
        body.field("max_tokens", limit);
        outcome = write_conversation(request, traits, to, body);
        if outcome.is_ok() {
            match emulated_format(request, traits) {
                Some((answer, place)) => write_answer_tool(&answer, place, to, body),
                None => write_tools(request, to, body),
            }
            write_plan(plan, traits, request, to, body);
            write_sampling(request, traits, plan, to, body);
            write_rest(request, to, body);
        }
    });
    outcome
}

fn refuse_what_cannot_be(request: &Request<'_>, to: &Outgoing<'_>) -> Result<(), Refusal> {
    if !to.model.contains("claude") {
        web_search::refuse_if_forced(request, to)?;
    }
    if let Some(choices) = request.choices.filter(|choices| choices.as_u64() != Some(1)) {
        return to.losses.refuse(choices.place(), Feature::Choices);
    }
    if let Some(wanted) = request.log_probabilities.filter(|wanted| wanted.value) {
        return to.losses.refuse(wanted.place, Feature::LogProbabilities);
    }
    match request.max_output_tokens {
        Some(limit) if limit.as_u64() == Some(0) => to.losses.refuse(limit.place(), Feature::OutputLimit),
        _ => Ok(()),
    }
}

fn write_conversation(
    request: &Request<'_>,
    traits: Traits,
    to: &mut Outgoing<'_>,
    body: &mut Object<'_>,
) -> Result<(), Refusal> {
    let leading = request.messages.iter().take_while(|message| message.role.is_system()).count();
    let (system, conversation) = request.messages.split_at(leading);
    if conversation.is_empty() {
        let place = request.messages.first().map(|message| message.place).unwrap_or_default();
        return Err(Refusal::malformed(place, "at least one message that is not a system message"));
    }
    if let Some(first) = conversation.first().filter(|first| first.role == Role::Assistant) {
        // The vendor answers 400, and a turn of the user's cannot be made up.
        return to.losses.refuse(first.place, Feature::LeadingAssistant);
    }
    let json_only = request.format.is_some_and(|format| format.value == Format::JsonObject);
    if let Some(format) = request.format.filter(|_| json_only) {
        to.losses.report(format.place, Feature::JsonMode);
    }
    let conversation = with_reminders(conversation, traits.mid_system, to);
    let mut writer = ContentWriter::new(to);
    let mut outcome = Ok(());
    body.array_if_any("system", |blocks| {
        outcome = writer.system(system, blocks);
        if json_only {
            blocks.object(|block| {
                block.field("type", "text");
                block.field("text", "Reply with one JSON object only.");
            });
        }
    });
    outcome?;
    body.array("messages", |list| outcome = writer.messages(&conversation, list));
    outcome
}

/// The schema that the model has to be held to by other means.
fn emulated_format(request: &Request<'_>, traits: Traits) -> Option<(AnswerSchema, Place)> {
    let format = request.format.filter(|_| !traits.structured_output)?;
    Some((answer_schema(&format.value)?, format.place))
}

/// Weigh what was asked against the model, the limit, a forced tool and the history.
fn plan(request: &Request<'_>, traits: Traits, limit: u64, to: &mut Outgoing<'_>) -> Plan {
    let reasoning = &request.reasoning;
    let Some(place) = reasoning.place() else {
        return Plan::Unsaid;
    };
    let effort = reasoning.as_effort();
    if effort == Some(Effort::None) {
        return Plan::Disabled;
    }
    if traits.thinking == Thinking::Never {
        to.losses.report(place, Feature::ReasoningEffort);
        return Plan::Unsaid;
    }
    if let Some(choice) =
        request.tool_choice.as_ref().filter(|choice| choice.value.is_forced() && !request.tools.is_empty())
    {
        to.losses.report(choice.place, Feature::ForcedToolWithThinking);
        to.losses.report(place, Feature::ReasoningEffort);
        return Plan::Disabled;
    }
    if traits.thinking == Thinking::Effort {
        return Plan::Adaptive(effort.and_then(|effort| nearest_effort(effort, place, traits, to)));
    }
    if lacks_its_thoughts(&request.messages) {
        to.losses.report(place, Feature::ReasoningEffort);
        return Plan::Disabled;
    }
    let budget = match reasoning.budget.and_then(Number::as_u64) {
        Some(asked) => asked.max(LEAST_BUDGET).min(limit.saturating_sub(1)),
        // Thoughts count towards the limit; a quarter of it is left for the answer.
        None => effort.unwrap_or(Effort::Medium).budget().min(limit / 4 * 3),
    };
    if budget < LEAST_BUDGET {
        to.losses.report(place, Feature::ReasoningEffort);
        return Plan::Unsaid;
    }
    Plan::Budget(budget)
}

/// Whether the model's last turn called tools and is not sent with its thoughts, which manual thinking demands.
fn lacks_its_thoughts(messages: &[Message<'_>]) -> bool {
    // Responses may say thoughts and calls in items apart; here they are one turn.
    let Some(last) = turns(messages).filter(|turn| turn.role == Role::Assistant).last() else {
        return false;
    };
    let calls = last.parts().any(|part| part.as_tool_call().is_some());
    let thinks = last.parts().any(|part| match &part.content {
        PartContent::Thought(thought) => {
            thought.opaque.as_ref().is_some_and(|opaque| opaque.source == Dialect::Anthropic)
        }
        _ => false,
    });
    calls && !thinks
}

fn write_plan(plan: Plan, traits: Traits, request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let hidden = request.reasoning.visible == Some(false);
    match plan {
        Plan::Unsaid => {}
        Plan::Disabled => body.object("thinking", |thinking| thinking.field("type", "disabled")),
        Plan::Budget(budget) => body.object("thinking", |thinking| {
            thinking.field("type", "enabled");
            thinking.field("budget_tokens", budget);
        }),
        Plan::Adaptive(_) => body.object("thinking", |thinking| {
            thinking.field("type", "adaptive");
            // The newest models show nothing unless asked.
            if !traits.sampling {
                thinking.field("display", if hidden { "omitted" } else { "summarized" });
            }
        }),
    }
    let effort = if let Plan::Adaptive(effort) = plan { effort } else { None };
    let format = request.format.filter(|_| traits.structured_output);
    let answer = format.and_then(|format| Some((answer_schema(&format.value)?, format.place)));
    if effort.is_none() && answer.is_none() {
        return;
    }
    body.object("output_config", |config| {
        config.optional("effort", effort.map(Effort::name));
        if let Some((answer, place)) = &answer {
            config.object("format", |member| {
                member.field("type", "json_schema");
                write_answer_schema(answer, *place, to, member.key("schema"));
            });
        }
    });
}

fn write_answer_schema(answer: &AnswerSchema, place: Place, to: &mut Outgoing<'_>, out: &mut Vec<u8>) {
    to.answer.wrapped = answer.wrapped;
    if parse::<Raw<'_>>(&answer.json).is_ok_and(|schema| write_closed(schema, out)) {
        to.losses.report(place, Feature::SchemaConstraint);
    }
}

/// A model that cannot be held to a schema is made to call a tool that takes the answer: it may have no other tools then,
/// and cannot think.
fn write_answer_tool(answer: &AnswerSchema, place: Place, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    to.answer.call = true;
    body.array("tools", |tools| {
        tools.object(|tool| {
            tool.field("name", ANSWER_TOOL);
            tool.field("description", "Takes the answer to the user, in full.");
            write_answer_schema(answer, place, to, tool.key("input_schema"));
        });
    });
    body.object("tool_choice", |choice| {
        choice.field("type", "tool");
        choice.field("name", ANSWER_TOOL);
    });
}

/// Temperature and its kin, as far as the model takes them.
fn write_sampling(request: &Request<'_>, traits: Traits, plan: Plan, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let thinks = matches!(plan, Plan::Budget(_) | Plan::Adaptive(_));
    let mut temperature = request
        .temperature
        .filter(|temperature| traits.sampling && !(thinks && (temperature.as_f64() - 1.0).abs() > f64::EPSILON));
    if let Some(asked) = request.temperature.filter(|_| temperature.is_none()) {
        to.losses.report(asked.place(), Feature::Sampling);
    }
    if let Some(hot) = temperature.filter(|temperature| temperature.as_f64() > 1.0) {
        to.losses.report(hot.place(), Feature::Sampling);
        body.field("temperature", 1_u64);
        temperature = None;
    }
    let has_temperature = temperature.is_some();
    body.optional("temperature", temperature);
    let both = has_temperature && !traits.temperature_with_top_p;
    for (key, number, blocked) in [("top_p", request.top_p, both || thinks), ("top_k", request.top_k, thinks)] {
        match number {
            Some(number) if blocked || !traits.sampling => to.losses.report(number.place(), Feature::Sampling),
            number => body.optional(key, number),
        }
    }
}

fn write_rest(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    for number in [request.presence_penalty, request.frequency_penalty].into_iter().flatten() {
        if number.as_f64() != 0.0 {
            to.losses.report(number.place(), Feature::Penalties);
        }
    }
    if let Some(seed) = request.seed {
        to.losses.report(seed.place(), Feature::Seed);
    }
    request.openai.iter().for_each(|_| to.losses.hint());
    if let Some(verbosity) = request.verbosity {
        to.losses.report(verbosity.place(), Feature::Verbosity);
    }
    let stops: Vec<&Text<'_>> = request.stop.iter().filter(|stop| !stop.is_blank()).collect();
    if stops.len() < request.stop.len() {
        to.losses.report(request.stop_place, Feature::StopSequences);
    }
    if !stops.is_empty() {
        body.array("stop_sequences", |list| stops.iter().for_each(|stop| list.element(stop)));
    }
    if let Some(user) = request.end_user {
        body.object("metadata", |metadata| metadata.field("user_id", user));
    }
    if let Some(tier) = request.service_tier {
        match tier.value {
            ServiceTier::Auto | ServiceTier::Priority => body.field("service_tier", "auto"),
            ServiceTier::Standard => body.field("service_tier", "standard_only"),
            ServiceTier::Flex | ServiceTier::Fast => to.losses.report(tier.place, Feature::ServiceTier),
        }
    }
    if to.stream {
        body.field("stream", true);
    }
}

fn write_tools(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let search = request.web_search.as_ref().filter(|_| to.model.contains("claude"));
    if let Some(refused) = request.web_search.filter(|_| search.is_none()) {
        to.losses.report(refused.place, Feature::WebSearch);
    }
    if request.tools.is_empty() && search.is_none() {
        return;
    }
    let allowed = match request.tool_choice.as_ref().map(|choice| &choice.value) {
        Some(ToolChoice::Allowed { names, .. }) => Some(names.iter().map(Text::decode).collect::<Vec<_>>()),
        _ => None,
    };
    body.array("tools", |tools| {
        for tool in &request.tools {
            if allowed.as_ref().is_none_or(|names| names.contains(&tool.name.decode())) {
                tools.object(|member| write_tool(tool, to, member));
            }
        }
        if let Some(search) = search {
            tools.object(|tool| write_web_search(search, to, tool));
        }
    });
    write_tool_choice(request, to, body);
}

fn write_web_search(search: &WebSearch<'_>, to: &mut Outgoing<'_>, tool: &mut Object<'_>) {
    web_search::report([search.context_size.map(Literal::place)], to);
    tool.field("type", "web_search_20250305");
    tool.field("name", "web_search");
    tool.optional("max_uses", search.most_uses);
    tool.optional("allowed_domains", search.allowed_domains);
    tool.optional("blocked_domains", search.blocked_domains);
    if let Some(location) = &search.location {
        tool.object("user_location", |member| {
            member.field("type", "approximate");
            web_search::write_location(location, member);
        });
    }
}

fn write_tool(tool: &Tool<'_>, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    let name = to.names.outgoing(tool.name.decode(), is_tool_name, LONGEST_NAME);
    member.field("name", &*name);
    match tool.input {
        ToolInput::JsonSchema(schema) => {
            member.optional("description", tool.description.as_ref());
            if write_input(schema, member.key("input_schema")) {
                to.losses.report(tool.place, Feature::SchemaConstraint);
            }
            member.optional("strict", tool.strict.filter(|strict| strict.value).map(|strict| strict.value));
        }
        ToolInput::OpenApiSchema(schema) => {
            member.optional("description", tool.description.as_ref());
            write_openapi(schema, member.key("input_schema"));
        }
        ToolInput::Custom { format } => {
            member.field("description", custom_description(tool, format));
            member.key("input_schema").extend_from_slice(CUSTOM_SCHEMA);
        }
    }
    if tool.cache.is_some() {
        member.object("cache_control", |control| control.field("type", "ephemeral"));
    }
}

fn write_tool_choice(request: &Request<'_>, to: &mut Outgoing<'_>, body: &mut Object<'_>) {
    let single = request.parallel_tool_calls.is_some_and(|parallel| !parallel.value);
    let (kind, name) = match request.tool_choice.as_ref().map(|choice| (&choice.value, choice.place)) {
        None if !single => return,
        None | Some((ToolChoice::Auto, _)) => ("auto", None),
        Some((ToolChoice::None, _)) => ("none", None),
        Some((ToolChoice::Required, _)) => ("any", None),
        Some((ToolChoice::Named(name), _)) => ("tool", Some(name.decode())),
        Some((ToolChoice::Allowed { required, .. }, place)) => {
            to.losses.report(place, Feature::AllowedTools);
            (if *required { "any" } else { "auto" }, None)
        }
    };
    let name = name.map(|name| to.names.outgoing(name, is_tool_name, LONGEST_NAME));
    body.object("tool_choice", |choice| {
        choice.field("type", kind);
        choice.optional("name", name);
        // `none` has no such field.
        if single && kind != "none" {
            choice.field("disable_parallel_tool_use", true);
        }
    });
}
