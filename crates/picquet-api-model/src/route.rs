//! Which operation a request is for.

use crate::{Operation, ROUTES};
use serde_json::{Map, Value};

/// One row of the table of operations.
#[derive(Debug)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// Its name, as clients and policies write it.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, with the names of members in braces.
    pub template: &'static str,
    /// The status of a success.
    pub status: u16,
    /// Members that travel in the query.
    pub query: &'static [(&'static str, Query)],
    /// The errors that the model names.
    pub errors: &'static [&'static str],
}

/// What a member in a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Given any number of times.
    List,
}

/// A route with what the path says.
#[derive(Debug)]
pub struct Matched {
    /// The row.
    pub route: &'static Route,
    /// Members in the path, still percent-encoded as they came.
    pub members: Vec<(&'static str, String)>,
}

/// Finds the operation of a path as it came, percent-encoded. `None` where there is none.
pub fn find(method: &str, path: &str) -> Option<Matched> {
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| {
        let members = members(route.template, path)?;
        Some(Matched { route, members })
    })
}

fn members(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    let mut parts = path.strip_prefix('/')?.split('/');
    let mut wanted = template.strip_prefix('/')?.split('/').peekable();
    while let Some(want) = wanted.next() {
        let part = parts.next()?;
        let Some(name) = want.strip_prefix('{').and_then(|w| w.strip_suffix('}')) else {
            if want != part {
                return None;
            }
            continue;
        };
        if part.is_empty() {
            return None;
        }
        // Clients that are written by hand send the slash of an ARN as it is.
        let rest = if name == "ResourceArn" && wanted.peek().is_none() {
            parts.by_ref().map(|p| format!("/{p}")).collect()
        } else {
            String::new()
        };
        found.push((name, format!("{part}{rest}")));
    }
    parts.next().is_none().then_some(found)
}

impl Route {
    /// Whether the operation changes nothing: its name says so.
    pub fn is_read_only(&self) -> bool {
        ["Get", "List", "Describe"].iter().any(|verb| self.name.starts_with(verb))
    }

    /// Members in the query as JSON; one that is no number stays text, which the parser then refuses by its name.
    pub fn query_members<'q>(&self, pairs: impl Iterator<Item = (&'q str, &'q str)>, into: &mut Map<String, Value>) {
        for (name, value) in pairs {
            let Some((_, kind)) = self.query.iter().find(|(n, _)| *n == name) else { continue };
            match kind {
                Query::Text => {
                    into.insert(name.to_owned(), value.into());
                }
                Query::Number => {
                    let value = value.parse::<i64>().map_or_else(|_| value.into(), Value::from);
                    into.insert(name.to_owned(), value);
                }
                Query::List => {
                    let list = into.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(list) = list {
                        list.push(value.into());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_win_where_a_member_could_stand() {
        let path = |p: &str, m: &str| find(m, p).map(|f| f.route.name);
        assert_eq!(path("/detector/d/member/get", "POST"), Some("GetMembers"));
        assert_eq!(path("/detector/d/filter/get", "POST"), Some("UpdateFilter"));
        assert_eq!(path("/detector", "GET"), Some("ListDetectors"));
        for unknown in ["", "/", "/detector/", "/detector/d/", "/detector//filter", "/detector/d/filter/x/y"] {
            assert_eq!(path(unknown, "GET"), None, "{unknown}");
        }
    }

    #[test]
    fn no_two_routes_fit_one_path() {
        for route in &ROUTES {
            let path: Vec<&str> = route.template.split('/').map(|p| if p.starts_with('{') { "x" } else { p }).collect();
            assert_eq!(find(route.method, &path.join("/")).unwrap().route.name, route.name);
        }
    }

    #[test]
    fn an_arn_may_hold_slashes() {
        let arn = "arn:aws:guardduty:us-east-1:1:detector/d/filter/f";
        for sent in [arn.to_owned(), arn.replace('/', "%2F")] {
            let found = find("GET", &format!("/tags/{sent}")).unwrap();
            assert_eq!(found.members, [("ResourceArn", sent)]);
        }
    }
}
