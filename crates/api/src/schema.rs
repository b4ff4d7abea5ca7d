//! The table as JSON Schema, for scripts and for the generated TypeScript.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::dto::Tag;
use crate::table::{Row, row_schemas};
use crate::{ApiError, Code};

/// The whole table. References point to `#/$defs/…` of this very document.
#[derive(Clone, Debug, Serialize)]
pub struct TableSchema {
    /// The version of this form.
    pub version: u32,
    /// What changes something.
    pub commands: Vec<RowSchema>,
    /// What only reads.
    pub queries: Vec<RowSchema>,
    /// What changes which buildings are on this device; asked of no building.
    pub installation_commands: Vec<RowSchema>,
    /// What tells of them.
    pub installation_queries: Vec<RowSchema>,
    /// What a host tells by itself.
    pub events: Vec<EventSchema>,
    /// What an error looks like.
    pub error: Schema,
    /// All codes of errors.
    pub codes: Vec<&'static str>,
    /// The types that are named.
    #[serde(rename = "$defs")]
    pub defs: Map<String, Value>,
}

/// One command or query.
#[derive(Clone, Debug, Serialize)]
pub struct RowSchema {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: String,
    /// What it is asked with.
    pub args: Schema,
    /// What it gives.
    pub result: Schema,
    /// Which rows its result is made of; empty for commands.
    pub tags: Vec<Tag>,
}

/// One event.
#[derive(Clone, Debug, Serialize)]
pub struct EventSchema {
    /// Its name.
    pub name: &'static str,
    /// When it is told.
    pub doc: String,
    /// What it carries.
    pub payload: Schema,
    /// Which rows it may be about.
    pub tags: Vec<Tag>,
}

/// Collects schemas, each named type once.
#[derive(Debug)]
pub(crate) struct Schemas(SchemaGenerator);

impl Schemas {
    pub(crate) fn row<R: Row>(&mut self, doc: &[&str], tags: &[Tag]) -> RowSchema
    where
        R::Args: JsonSchema,
        R::Result: JsonSchema,
    {
        let args = self.0.subschema_for::<R::Args>();
        let result = self.0.subschema_for::<R::Result>();
        RowSchema { name: R::NAME, doc: sentence(doc), args, result, tags: tags.to_vec() }
    }

    pub(crate) fn event<P: JsonSchema>(&mut self, name: &'static str, doc: &[&str], tags: &[Tag]) -> EventSchema {
        EventSchema { name, doc: sentence(doc), payload: self.0.subschema_for::<P>(), tags: tags.to_vec() }
    }
}

/// Gives the schema of the whole table; the same every time.
pub fn table() -> TableSchema {
    let mut schemas = Schemas(SchemaSettings::draft2020_12().into_generator());
    let (commands, queries, events) = row_schemas(&mut schemas);
    let (installation_commands, installation_queries) = crate::homes::row_schemas(&mut schemas);
    let error = schemas.0.subschema_for::<ApiError>();
    let defs = schemas.0.take_definitions(true);
    let codes = Code::all().collect();
    TableSchema {
        version: 1,
        commands,
        queries,
        installation_commands,
        installation_queries,
        events,
        error,
        codes,
        defs,
    }
}

fn sentence(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{COMMANDS, EVENTS, QUERIES};

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_name_has_its_schemas_and_a_sentence() {
        let table = table();
        let names = |rows: &[RowSchema]| rows.iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names(&table.commands), COMMANDS);
        assert_eq!(names(&table.queries), QUERIES);
        assert_eq!(table.events.iter().map(|event| event.name).collect::<Vec<_>>(), EVENTS);
        for row in table.commands.iter().chain(&table.queries) {
            assert!(row.doc.ends_with('.'), "{}: {}", row.name, row.doc);
            for schema in [&row.args, &row.result] {
                let text = serde_json::to_string(schema).unwrap();
                assert!(text.contains("$ref") || text.contains("\"type\""), "{}: {text}", row.name);
            }
        }
        for query in table.queries.iter().filter(|query| query.name != "wait") {
            assert!(!query.tags.is_empty(), "{} says what its result is made of", query.name);
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_the_dump_is_stable() {
        let dump = serde_json::to_value(table()).unwrap();
        let mut found = Vec::new();
        references(&dump, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(dump.pointer(pointer).is_some(), "{reference}");
        }
        assert_eq!(dump, serde_json::to_value(table()).unwrap());
    }

    #[test]
    fn every_type_and_every_field_is_described() {
        let dump = serde_json::to_value(table()).unwrap();
        for (name, def) in dump["$defs"].as_object().unwrap() {
            for (field, schema) in def["properties"].as_object().into_iter().flatten() {
                assert!(
                    schema.get("description").is_some() || schema.get("const").is_some(),
                    "{name}.{field}: {schema}"
                );
            }
        }
    }
}
