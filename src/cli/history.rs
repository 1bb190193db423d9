//! What became of a record, told line by line out of the register's events, in plain words.

use serde_json::Value;

use crate::register::Event;

/// A sentence for each event that people care about, with its time.
pub fn sentences(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| Some(format!("{}  {}", event.time.format("%Y-%m-%d %H:%M"), sentence(event)?)));
    told.collect()
}

fn sentence(event: &Event) -> Option<String> {
    let told = Told(event);
    let sentence = match event.event.as_str() {
        "reserve" => return None,
        "filed" => told.filed(),
        "removed" => told.removed()?,
        "void" => told.void(),
        "duplicate" => format!("the same was dropped again as {}", told.text("source").unwrap_or("?")),
        "status" => format!("{}{}", told.text("status").unwrap_or("?"), told.said()),
        "relates" => format!("{} {}", told.text("relation").unwrap_or("relates to"), told.text("to").unwrap_or("?")),
        "moved" => format!("moved{}{}", told.places("files"), told.said()),
        "disposed" => {
            let certificate = told.text("certificate").map(|id| format!(" (certificate {id})")).unwrap_or_default();
            format!("its content was disposed of{certificate}{}", told.said())
        }
        other => other.to_owned(),
    };
    Some(sentence)
}

/// An event, looked into.
struct Told<'a>(&'a Event);

impl Told<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.fields.get(key)?.as_str()
    }

    fn filed(&self) -> String {
        let version = self.0.fields.get("version").and_then(Value::as_u64).unwrap_or(1);
        let number = self.text("number").map(|number| format!(" as {number}")).unwrap_or_default();
        let joins = self.0.fields.get("joins").is_some_and(Value::is_u64);
        let what = if joins { "a further file".to_owned() } else { format!("version {version}") };
        let status = self.text("status").map(|status| format!(", {status}")).unwrap_or_default();
        let files = self.0.fields.get("files").and_then(Value::as_array);
        let path = files.and_then(|files| files.first()?.get("path")?.as_str()).unwrap_or_default();
        format!("{what} filed{number}{status}{}: archive/{path}", self.said())
    }

    fn removed(&self) -> Option<String> {
        let source = self.text("source")?;
        match self.text("outcome")? {
            "edited" => Some(format!("inbox/{source} was changed meanwhile and stayed")),
            _ => None,
        }
    }

    fn void(&self) -> String {
        let reason = self.text("reason").unwrap_or("?");
        let of = self.0.fields.get("of").is_some();
        let number = self.text("number");
        let free = self.0.fields.get("reusable") == Some(&Value::Bool(true));
        let freed = if free { "; its number is free again" } else { "" };
        match (of, number) {
            (true, _) => format!("does not stand any more: {reason}{}{freed}", self.places("files")),
            (false, Some(number)) if self.0.fields.get("reserve").is_none() => format!("{number} is void: {reason}"),
            (false, _) => format!("a version was begun and not filed: {reason}"),
        }
    }

    /// Where files went.
    fn places(&self, key: &str) -> String {
        let files = self.0.fields.get(key).and_then(Value::as_array).into_iter().flatten();
        let to: Vec<String> = files.filter_map(|file| Some(format!("archive/{}", file.get("to")?.as_str()?))).collect();
        if to.is_empty() { String::new() } else { format!(" → {}", to.join(", ")) }
    }

    /// Who wanted it, for which day, and why.
    fn said(&self) -> String {
        let by = self.text("by").map(|by| format!(" by {by}")).unwrap_or_default();
        let on = self.text("on").map(|on| format!(" on {on}")).unwrap_or_default();
        let reason = self.text("reason").map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("{by}{on}{reason}")
    }
}
