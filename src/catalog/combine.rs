//! What a device makes of several values of one key.

use super::form::{Combine, Key};
use crate::wire::plist::Value;

impl Key {
    /// What several values of this key come to, in the order in which they apply; none without values or a rule.
    pub fn combined(&self, values: &[&Value]) -> Option<Value> {
        combine(self.combine?, &self.values, values)
    }
}

/// What several values come to. `order` are the allowed values, which [`Combine::EnumLowest`] and
/// [`Combine::EnumHighest`] go by; a value that is not allowed counts before all others there. Values of a type that
/// the rule does not know are passed over; none is left when no value remains.
pub fn combine(rule: Combine, order: &[Value], values: &[&Value]) -> Option<Value> {
    let first = values.first().map(|value| (*value).clone());
    match rule {
        Combine::First => first,
        Combine::Or => booleans(values).reduce(|a, b| a || b).map(Value::Boolean),
        Combine::And => booleans(values).reduce(|a, b| a && b).map(Value::Boolean),
        Combine::Min => pick(values, |new, old| new < old),
        Combine::Max => pick(values, |new, old| new > old),
        Combine::Append => lists(values).map(|lists| Value::Array(lists.concat())),
        Combine::Union => lists(values).map(|lists| {
            let mut out: Vec<Value> = Vec::new();
            for item in lists.concat() {
                if !out.contains(&item) {
                    out.push(item);
                }
            }
            Value::Array(out)
        }),
        Combine::Intersection => lists(values).map(|lists| {
            let mut out: Vec<Value> = Vec::new();
            for item in &lists[0] {
                if !out.contains(item) && lists.iter().all(|list| list.contains(item)) {
                    out.push(item.clone());
                }
            }
            Value::Array(out)
        }),
        Combine::EnumLowest | Combine::EnumHighest => {
            let place = |value: &&&Value| order.iter().position(|each| each == **value);
            let chosen = match rule {
                Combine::EnumLowest => values.iter().min_by_key(place),
                _ => values.iter().max_by_key(place),
            };
            chosen.map(|value| (*value).clone())
        }
    }
}

fn booleans<'a>(values: &'a [&Value]) -> impl Iterator<Item = bool> + 'a {
    values.iter().filter_map(|value| value.as_boolean())
}

fn lists(values: &[&Value]) -> Option<Vec<Vec<Value>>> {
    let lists: Vec<Vec<Value>> = values.iter().filter_map(|value| value.as_array().cloned()).collect();
    (!lists.is_empty()).then_some(lists)
}

/// The number that wins, in the type it came with.
fn pick(values: &[&Value], wins: impl Fn(f64, f64) -> bool) -> Option<Value> {
    let number = |value: &Value| match value {
        Value::Integer(whole) => whole.as_signed().map(|n| n as f64),
        Value::Real(real) => Some(*real),
        _ => None,
    };
    let mut best: Option<(f64, &Value)> = None;
    for value in values {
        if let Some(new) = number(value)
            && best.is_none_or(|(old, _)| wins(new, old))
        {
            best = Some((new, value));
        }
    }
    best.map(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::Array(items.iter().map(|item| Value::String((*item).to_owned())).collect())
    }

    #[test]
    fn each_rule_does_what_it_says() {
        let (yes, no) = (Value::Boolean(true), Value::Boolean(false));
        assert_eq!(combine(Combine::Or, &[], &[&no, &yes]), Some(yes.clone()));
        assert_eq!(combine(Combine::And, &[], &[&no, &yes]), Some(no.clone()));
        let (four, eight) = (Value::Integer(4.into()), Value::Integer(8.into()));
        assert_eq!(combine(Combine::Min, &[], &[&eight, &four]), Some(four.clone()));
        assert_eq!(combine(Combine::Max, &[], &[&four, &eight]), Some(eight.clone()));
        assert_eq!(combine(Combine::First, &[], &[&four, &eight]), Some(four));
        let (ab, bc) = (list(&["a", "b"]), list(&["b", "c"]));
        assert_eq!(combine(Combine::Union, &[], &[&ab, &bc]), Some(list(&["a", "b", "c"])));
        assert_eq!(combine(Combine::Append, &[], &[&ab, &bc]), Some(list(&["a", "b", "b", "c"])));
        assert_eq!(combine(Combine::Intersection, &[], &[&ab, &bc]), Some(list(&["b"])));
        let order = ["Off", "Some", "All"].map(|text| Value::String(text.to_owned()));
        assert_eq!(combine(Combine::EnumHighest, &order, &[&order[1], &order[0]]), Some(order[1].clone()));
        assert_eq!(combine(Combine::EnumLowest, &order, &[&order[1], &order[0]]), Some(order[0].clone()));
        assert_eq!(combine(Combine::And, &[], &[]), None);
    }
}
