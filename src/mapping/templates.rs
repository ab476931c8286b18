//! The templates of a mapping, loaded and rendered.

use std::sync::Arc;

use super::compile::Compiler;
use super::context::Context;
use super::overlay::{self, Sources};
use super::render::Writer;
use super::template::Template;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::record::{Record, RecordType};
use crate::fhir::ids::{ResourceId, ResourceIds};
use crate::mapping_file::tables::Tables;
use crate::mapping_file::yaml::{self, Node};
use crate::mapping_file::{MappingError, MappingFile};
use crate::redact::quote;

/// Every template of a mapping, in order of name.
#[derive(Debug)]
pub struct Templates(Vec<Template>);

/// A resource, written.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered<'a> {
    /// Name of its template.
    pub template: &'a Arc<str>,
    /// Canonical of the profile it must meet.
    pub profile: &'a Arc<str>,
    /// FHIR resource type.
    pub resource_type: &'a Arc<str>,
    /// Logical id.
    pub id: ResourceId,
    /// The resource as JSON text, without white space.
    pub json: String,
    /// Business key of the record it stands for; `None` where it is a part of one.
    pub identity: Option<&'a Identity>,
    /// Ids of the resources it refers to, once per mention.
    pub references: Vec<ResourceId>,
}

impl Templates {
    /// Compiles template files for records of type `root`, which the templates call `root_name`. A file with the key
    /// `overlay` changes a template of the other files.
    ///
    /// # Errors
    /// Every defect of every file, in order of file, line and column; what stands inside a loop is only checked where the
    /// path of the loop is right.
    pub fn load(
        files: &[MappingFile],
        tables: &Tables,
        root: &'static RecordType,
        root_name: &str,
    ) -> Result<Self, Vec<MappingError>> {
        let mut errors = Vec::new();
        let sources = read_sources(files, &mut errors);
        let mut templates = Vec::with_capacity(sources.len());
        for source in sources.values() {
            templates.extend(Compiler::new(tables, root, root_name, &mut errors).template(source));
        }
        if errors.is_empty() {
            return Ok(Self(templates));
        }
        errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Err(errors)
    }

    /// Renders every template of the face of `ids` for `root`, in order of template name and then of the records.
    pub fn render<'a>(&'a self, root: &'a dyn Record, ids: &'a ResourceIds) -> Vec<Rendered<'a>> {
        const USUAL_SIZE: usize = 2048;
        let (mut rendering, planned) = self.plan(root, ids);
        let render = |planned: Planned<'a>| {
            let mut json = String::with_capacity(USUAL_SIZE);
            let references = rendering.write(&planned, &mut json)?;
            let Planned { template, id, identity, .. } = planned;
            let Template { name, profile, resource_type, .. } = template;
            Some(Rendered { template: name, profile, resource_type, id, json, identity, references })
        };
        planned.into_iter().filter_map(render).collect()
    }

    /// What [`Templates::render`] would render, without the text: for who wants the resources in another order, or few of
    /// them in memory. In order of template name and then of the records.
    pub fn plan<'a>(&'a self, root: &'a dyn Record, ids: &'a ResourceIds) -> (Rendering<'a>, Vec<Planned<'a>>) {
        let mut context = Context::new(root, ids);
        let mut planned = Vec::new();
        for template in self.0.iter().filter(|template| template.faces.contains(&ids.face())) {
            match &template.each {
                None => planned.extend(plan_one(template, None, &mut context)),
                Some(each) => {
                    for record in each.records(&context.variables) {
                        context.variables.push(record);
                        planned.extend(plan_one(template, Some(record), &mut context));
                        context.variables.pop();
                    }
                }
            }
        }
        (Rendering(context), planned)
    }

    /// The profiles that templates name, each with the name of its template.
    pub fn profiles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|template| (template.name.as_ref(), template.profile.as_ref()))
    }
}

fn read_sources(files: &[MappingFile], errors: &mut Vec<MappingError>) -> Sources {
    let mut sources = Sources::new();
    let mut overlays: Vec<Node> = Vec::new();
    for file in files {
        match yaml::read(file) {
            Ok(node) if overlay::is_overlay(&node) => overlays.push(node),
            Ok(node) => {
                // Without a name it is compiled under that of its file, to tell all its defects.
                let name = overlay::text_of(&node, "template").unwrap_or(&file.name).to_owned();
                if let Some(before) = sources.get(&name) {
                    let text = format!("{} already has a template {}", before.at.file, quote(&name));
                    errors.push(MappingError::new(IssueCode::MappingTemplateInvalid, &node.at, text));
                } else {
                    sources.insert(name, node);
                }
            }
            Err(error) => errors.push(error),
        }
    }
    for node in overlays {
        overlay::apply(node, &mut sources, errors);
    }
    sources
}

/// A resource that is to be written.
pub struct Planned<'a> {
    template: &'a Template,
    /// The record of the loop that it stands in.
    record: Option<&'a dyn Record>,
    /// FHIR resource type.
    pub resource_type: &'a Arc<str>,
    /// Logical id.
    pub id: ResourceId,
    /// Business key of the record it stands for; `None` where it is a part of one.
    pub identity: Option<&'a Identity>,
}

/// Writes the resources of one root record.
pub struct Rendering<'a>(Context<'a>);

impl<'a> Rendering<'a> {
    /// Writes a resource to the end of `out` and returns the ids of the resources it refers to, once per mention. `None`,
    /// with nothing written, where it has no content.
    pub fn write(&mut self, planned: &Planned<'a>, out: &mut String) -> Option<Vec<ResourceId>> {
        let context = &mut self.0;
        context.variables.extend(planned.record);
        let mut writer = Writer { context, out: std::mem::take(out), references: Vec::new() };
        let has_content = writer.node(&planned.template.resource);
        let references = std::mem::take(&mut writer.references);
        *out = writer.out;
        if planned.record.is_some() {
            self.0.variables.pop();
        }
        has_content.then_some(references)
    }
}

fn plan_one<'a>(
    template: &'a Template,
    record: Option<&'a dyn Record>,
    context: &mut Context<'a>,
) -> Option<Planned<'a>> {
    if template.when.as_ref().is_some_and(|condition| !condition.holds(context)) {
        return None;
    }
    let id = context.id(&template.id)?;
    let identity = if template.id.part.is_empty() { context.identity(&template.id) } else { None };
    Some(Planned { template, record, resource_type: &template.resource_type, id, identity })
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "record! declares public types")]
mod tests;
