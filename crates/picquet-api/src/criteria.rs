//! Criteria of findings as the API writes them.

use crate::error::ApiError;
use picquet_api_model::{ATTRIBUTES, Condition, FindingCriteria};
use picquet_store::criteria::{Criterion, Test};

/// Attributes of one request (GuardDuty user guide, "Filtering findings").
const MOST_ATTRIBUTES: usize = 50;
/// Values of one attribute.
const MOST_VALUES: usize = 50;
/// What findings carry as JSON in a string; its members can be named one by one.
const ADDITIONAL: &str = "service.additionalInfo.";

/// Criteria for the store. Both spellings of an operator may be used.
///
/// # Errors
/// When an attribute is none of a finding, or too much is asked.
pub fn parse(criteria: Option<&FindingCriteria>, lenient: bool) -> Result<Vec<Criterion>, ApiError> {
    let mut all = Vec::new();
    let Some(criterion) = criteria.and_then(|c| c.criterion.as_ref()) else { return Ok(all) };
    if criterion.len() > MOST_ATTRIBUTES {
        return Err(ApiError::parameter("findingCriteria", &format!("must have at most {MOST_ATTRIBUTES} attributes")));
    }
    for (attribute, condition) in criterion {
        if !lenient && !is_attribute(attribute) {
            return Err(ApiError::parameter("findingCriteria", "must name attributes of findings"));
        }
        let before = all.len();
        let mut add = |test| all.push(Criterion { attribute: attribute.clone(), test });
        tests(condition)?.into_iter().for_each(&mut add);
        if all.len() == before {
            return Err(ApiError::parameter("findingCriteria", "must have an operator for each attribute"));
        }
    }
    Ok(all)
}

/// Whether findings have it.
pub fn is_attribute(path: &str) -> bool {
    ATTRIBUTES.binary_search(&path).is_ok() || path.strip_prefix(ADDITIONAL).is_some_and(|rest| !rest.is_empty())
}

/// Makes the test of an operator.
type OfTexts = fn(Vec<String>) -> Test;
type OfNumber = fn(f64) -> Test;

fn tests(condition: &Condition) -> Result<Vec<Test>, ApiError> {
    let mut tests = Vec::new();
    let texts: [(&Option<Vec<String>>, OfTexts); 6] = [
        (&condition.eq, Test::In),
        (&condition.equals, Test::In),
        (&condition.neq, Test::NotIn),
        (&condition.not_equals, Test::NotIn),
        (&condition.matches, Test::Matches),
        (&condition.not_matches, Test::NotMatches),
    ];
    for (values, test) in texts {
        let Some(values) = values else { continue };
        if values.is_empty() || values.len() > MOST_VALUES {
            let why = format!("must have from 1 to {MOST_VALUES} values for each operator");
            return Err(ApiError::parameter("findingCriteria", &why));
        }
        tests.push(test(values.clone()));
    }
    let numbers: [(Option<i64>, OfNumber); 8] = [
        (condition.gt.map(i64::from), Test::Greater),
        (condition.greater_than, Test::Greater),
        (condition.gte.map(i64::from), Test::GreaterOrEqual),
        (condition.greater_than_or_equal, Test::GreaterOrEqual),
        (condition.lt.map(i64::from), Test::Less),
        (condition.less_than, Test::Less),
        (condition.lte.map(i64::from), Test::LessOrEqual),
        (condition.less_than_or_equal, Test::LessOrEqual),
    ];
    tests.extend(numbers.into_iter().filter_map(|(number, test)| number.map(|n| test(n as f64))));
    Ok(tests)
}
