//! Filters, and suppression rules among them.

use crate::call::Call;
use crate::criteria;
use crate::error::{ApiError, NO_SUCH_RESOURCE};
use crate::handlers::tags;
use crate::resources::Tags;
use picquet_api_model::{
    CreateFilterRequest, CreateFilterResponse, DeleteFilterRequest, DeleteFilterResponse, FilterAction,
    FindingCriteria, GetFilterRequest, GetFilterResponse, ListFiltersRequest, ListFiltersResponse, UpdateFilterRequest,
    UpdateFilterResponse,
};
use picquet_store::documents::Document;
use serde::{Deserialize, Serialize};

/// Filters of one detector (AWS General Reference, "Amazon GuardDuty endpoints and quotas").
const MOST: usize = 100;
/// The least and the greatest rank (service model).
const RANKS: (i32, i32) = (1, 100);

/// A filter; its name is the document's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filter {
    pub description: Option<String>,
    pub action: FilterAction,
    pub rank: i32,
    /// As the client wrote them.
    pub criteria: FindingCriteria,
    pub tags: Tags,
    pub created_at: i64,
    pub updated_at: i64,
    /// Counts the updates.
    pub version: i64,
}

impl Document for Filter {
    const KIND: &'static str = "filter";
}

pub fn create_filter(call: &mut Call<'_>, input: CreateFilterRequest) -> Result<CreateFilterResponse, ApiError> {
    call.detector(&input.detector_id)?;
    if !call.api.options().lenient && !is_name(&input.name) {
        return Err(ApiError::parameter("name", "must be of letters, digits, '.', '_' and '-'"));
    }
    criteria::parse(Some(&input.finding_criteria), call.api.options().lenient)?;
    let shelf = call.shelf(&input.detector_id);
    let others = shelf.list::<Filter>(call.sql)?;
    if others.iter().any(|(name, _)| *name == input.name) {
        return Err(ApiError::bad("The request is rejected because a filter with the given name already exists."));
    }
    if others.len() >= MOST {
        return Err(ApiError::bad(format!(
            "The request is rejected because the detector has {MOST} filters already, which is the quota."
        )));
    }
    let now = call.millis();
    let filter = Filter {
        description: input.description,
        action: input.action.unwrap_or(FilterAction::Noop),
        rank: input.rank.unwrap_or(RANKS.0),
        criteria: input.finding_criteria,
        tags: tags::new(input.tags)?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    place(call, &input.detector_id, &input.name, filter)?;
    Ok(CreateFilterResponse { name: input.name })
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

/// Keeps a filter at its rank; those that stand there, and right behind, move on by one.
fn place(call: &mut Call<'_>, detector: &str, name: &str, filter: Filter) -> Result<(), ApiError> {
    let shelf = call.shelf(detector);
    let mut others = shelf.list::<Filter>(call.sql)?;
    others.retain(|(other, _)| other != name);
    others.sort_by_key(|(_, other)| other.rank);
    let mut taken = filter.rank;
    for (other, mut behind) in others {
        if behind.rank != taken {
            continue;
        }
        taken += 1;
        behind.rank = taken.min(RANKS.1);
        shelf.put(call.sql, &other, &behind)?;
    }
    shelf.put(call.sql, name, &filter)?;
    Ok(())
}

pub fn get_filter(call: &mut Call<'_>, input: GetFilterRequest) -> Result<GetFilterResponse, ApiError> {
    let filter = find(call, &input.detector_id, &input.filter_name)?;
    Ok(GetFilterResponse {
        name: input.filter_name,
        action: filter.action,
        description: Some(filter.description.unwrap_or_default()),
        finding_criteria: filter.criteria,
        rank: Some(filter.rank),
        tags: Some(filter.tags),
        created_at: Some(crate::call::seconds(filter.created_at)),
        updated_at: Some(crate::call::seconds(filter.updated_at)),
        version: Some(filter.version),
    })
}

fn find(call: &mut Call<'_>, detector: &str, name: &str) -> Result<Filter, ApiError> {
    call.detector(detector)?;
    let shelf = call.shelf(detector);
    shelf.get::<Filter>(call.sql, name)?.ok_or_else(|| ApiError::bad(NO_SUCH_RESOURCE))
}

pub fn list_filters(call: &mut Call<'_>, input: ListFiltersRequest) -> Result<ListFiltersResponse, ApiError> {
    call.detector(&input.detector_id)?;
    let question = format!("filters/{}", input.detector_id);
    let page = call.page(&question, input.max_results, input.next_token.as_deref())?;
    let shelf = call.shelf(&input.detector_id);
    let mut rows = shelf.page::<Filter>(call.sql, &page.after, page.read())?;
    let next_token = call.cut(&page, &mut rows);
    Ok(ListFiltersResponse { filter_names: rows.into_iter().map(|(name, _)| name).collect(), next_token })
}

pub fn update_filter(call: &mut Call<'_>, input: UpdateFilterRequest) -> Result<UpdateFilterResponse, ApiError> {
    let mut filter = find(call, &input.detector_id, &input.filter_name)?;
    if let Some(criteria) = input.finding_criteria {
        criteria::parse(Some(&criteria), call.api.options().lenient)?;
        filter.criteria = criteria;
    }
    filter.action = input.action.unwrap_or(filter.action);
    filter.description = input.description.or(filter.description);
    filter.rank = input.rank.unwrap_or(filter.rank);
    filter.updated_at = call.millis();
    filter.version += 1;
    place(call, &input.detector_id, &input.filter_name, filter)?;
    Ok(UpdateFilterResponse { name: input.filter_name })
}

pub fn delete_filter(call: &mut Call<'_>, input: DeleteFilterRequest) -> Result<DeleteFilterResponse, ApiError> {
    find(call, &input.detector_id, &input.filter_name)?;
    call.shelf(&input.detector_id).remove::<Filter>(call.sql, &input.filter_name)?;
    Ok(DeleteFilterResponse {})
}

#[cfg(test)]
mod tests {
    use crate::error::{ApiError, NO_SUCH_RESOURCE};
    use crate::testing::Bench;
    use serde_json::{Value, json};

    fn create(bench: &Bench, detector: &str, name: &str, rank: i32) -> Result<Value, ApiError> {
        let criteria = json!({ "criterion": { "severity": { "gte": 4 }, "region": { "equals": ["us-east-1"] } } });
        let input = json!({ "DetectorId": detector, "name": name, "rank": rank, "findingCriteria": criteria, "action": "ARCHIVE" });
        bench.call("CreateFilter", input)
    }

    fn get(bench: &Bench, detector: &str, name: &str) -> Value {
        bench.call("GetFilter", json!({ "DetectorId": detector, "FilterName": name })).unwrap()
    }

    #[test]
    fn criteria_come_back_as_they_were_written() {
        let bench = Bench::new();
        let detector = bench.detector();
        create(&bench, &detector, "mine", 1).unwrap();
        let filter = get(&bench, &detector, "mine");
        let written = json!({ "criterion": { "severity": { "gte": 4 }, "region": { "equals": ["us-east-1"] } } });
        assert_eq!(filter["findingCriteria"], written);
        assert_eq!((&filter["action"], &filter["rank"], &filter["version"]), (&json!("ARCHIVE"), &json!(1), &json!(1)));
    }

    #[test]
    fn a_filter_takes_its_rank_and_others_move_on() {
        let bench = Bench::new();
        let detector = bench.detector();
        for (name, rank) in [("first", 1), ("third", 3), ("new", 1)] {
            create(&bench, &detector, name, rank).unwrap();
        }
        let rank = |name| get(&bench, &detector, name)["rank"].as_i64().unwrap();
        assert_eq!((rank("new"), rank("first"), rank("third")), (1, 2, 3));
        let input = json!({ "DetectorId": detector, "FilterName": "third", "rank": 1 });
        bench.call("UpdateFilter", input).unwrap();
        assert_eq!((rank("third"), rank("new"), rank("first")), (1, 2, 3));
    }

    #[test]
    fn an_update_leaves_what_it_does_not_name() {
        let bench = Bench::new();
        let detector = bench.detector();
        create(&bench, &detector, "mine", 5).unwrap();
        let input = json!({ "DetectorId": detector, "FilterName": "mine", "description": "text" });
        assert_eq!(bench.call("UpdateFilter", input).unwrap(), json!({ "name": "mine" }));
        let filter = get(&bench, &detector, "mine");
        assert_eq!((&filter["description"], &filter["rank"]), (&json!("text"), &json!(5)));
        assert_eq!(filter["action"], "ARCHIVE");
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let bench = Bench::new();
        let detector = bench.detector();
        create(&bench, &detector, "mine", 1).unwrap();
        assert!(create(&bench, &detector, "mine", 2).is_err());
        assert!(create(&bench, &detector, "with space", 2).is_err());
        for rank in [0, 101] {
            assert!(create(&bench, &detector, "other", rank).is_err());
        }
        for criterion in [
            json!({ "no.such.attribute": { "eq": ["x"] } }),
            json!({ "severity": {} }),
            json!({ "region": { "eq": [] } }),
            json!({ "region": { "eq": [1] } }),
        ] {
            let input =
                json!({ "DetectorId": detector, "name": "other", "findingCriteria": { "criterion": criterion } });
            assert!(matches!(bench.call("CreateFilter", input), Err(ApiError::BadRequest(_))), "{criterion}");
        }
        for operation in ["GetFilter", "DeleteFilter", "UpdateFilter"] {
            let answer = bench.call(operation, json!({ "DetectorId": detector, "FilterName": "unknown" }));
            assert_eq!(answer, Err(ApiError::bad(NO_SUCH_RESOURCE)), "{operation}");
        }
    }

    #[test]
    fn pages_show_every_filter_once() {
        let bench = Bench::new();
        let detector = bench.detector();
        for n in 0..7 {
            create(&bench, &detector, &format!("filter-{n}"), 1).unwrap();
        }
        let (mut names, mut token) = (Vec::new(), Value::Null);
        loop {
            let answer = bench
                .call("ListFilters", json!({ "DetectorId": detector, "maxResults": 3, "nextToken": token }))
                .unwrap();
            names.extend(answer["filterNames"].as_array().unwrap().clone());
            token = answer["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(names, (0..7).map(|n| json!(format!("filter-{n}"))).collect::<Vec<_>>());
    }
}
