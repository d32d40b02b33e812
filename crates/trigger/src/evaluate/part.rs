//! What becomes a part of a new list or map, and what it costs. How lists and maps are made of parts is left to others.

use super::{MAKING, Outcome, Scope, evaluate};
use crate::{fault::Reason, node::Node, value::Value};

/// The value of a node that stands in a new list or map.
pub(super) fn part<'a>(node: &'a Node, scope: Scope<'a, '_>) -> Outcome<'a> {
    let value = evaluate(node, scope)?;
    charge_inside(&value, scope).map_err(|reason| reason.at(node.span))?;
    Ok(value)
}

/// Charges for all that is in a part. Parts are shared, so that without this a short condition makes a value that nothing gets to
/// the end of: `x.map(a, [a, a]).map(a, [a, a])`, and on.
fn charge_inside(part: &Value<'_>, scope: Scope<'_, '_>) -> Result<(), Reason> {
    // CEL's profile has no static limit of its own.
    let price = size_of::<Value<'_>>() * if scope.frame.strict { MAKING } else { 1 };
    match part {
        Value::List(list) => {
            scope.frame.spend(list.len() * price)?;
            let beyond = list.any(|item| charge_inside(item, scope).is_err());
            if beyond { Err(Reason::TooMuchWork) } else { Ok(()) }
        }
        Value::Map(map) => {
            scope.frame.spend(map.len() * price)?;
            map.iter().try_for_each(|(_, value)| charge_inside(&value, scope))
        }
        _ => Ok(()),
    }
}
