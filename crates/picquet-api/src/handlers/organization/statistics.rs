//! How many accounts of the organization have what enabled.

use super::{management_account, only_delegated_administrator};
use crate::call::Call;
use crate::error::ApiError;
use crate::handlers::members::relation::{self, Relation, Status, Via};
use crate::org_features::{additional_of_organization, of_organization};
use crate::resources::Detector;
use picquet_api_model::{
    DetectorFeature, GetOrganizationStatisticsResponse, OrgFeatureAdditionalConfiguration, OrganizationDetails,
    OrganizationFeatureStatistics, OrganizationFeatureStatisticsAdditionalConfiguration, OrganizationStatistics,
};
use std::collections::{BTreeMap, BTreeSet};

/// Counted at the moment of the call. The accounts of the organization are those that are known here: the management
/// account, the delegated administrator, and its members.
pub fn get_organization_statistics(call: &mut Call<'_>) -> Result<GetOrganizationStatisticsResponse, ApiError> {
    only_delegated_administrator(call)?;
    let mut accounts: BTreeSet<String> = management_account(call)?.into_iter().collect();
    accounts.insert(call.account.to_owned());
    let mut counts = Counts::default();
    if let Some((id, _)) = call.only_detector()? {
        for (account, member) in call.shelf(&id).list::<Relation>(call.sql)? {
            if member.via != Via::Organization {
                continue;
            }
            if member.status.is_associated() {
                let detector = relation::detector_of(call, &account)?.map(|(_, detector)| detector);
                counts.member(member.status, detector.as_ref());
            }
            accounts.insert(account);
        }
    }
    let organization_details = Some(OrganizationDetails {
        updated_at: Some(call.seconds()),
        organization_statistics: Some(counts.to_answer(accounts.len())),
    });
    Ok(GetOrganizationStatisticsResponse { organization_details })
}

#[derive(Default)]
struct Counts {
    members: usize,
    active: usize,
    enabled: usize,
    features: BTreeMap<DetectorFeature, usize>,
    additional: BTreeMap<(DetectorFeature, OrgFeatureAdditionalConfiguration), usize>,
}

fn number(count: usize) -> Option<i32> {
    Some(i32::try_from(count).unwrap_or(i32::MAX))
}

impl Counts {
    fn member(&mut self, status: Status, detector: Option<&Detector>) {
        self.members += 1;
        self.active += usize::from(status == Status::Enabled);
        let Some(detector) = detector.filter(|detector| detector.enabled) else { return };
        self.enabled += 1;
        for (name, feature) in detector.features.iter() {
            *self.features.entry(name).or_default() += usize::from(feature.switch.on);
            for (additional, switch) in feature.additional.iter() {
                let key = (name, additional_of_organization(additional));
                *self.additional.entry(key).or_default() += usize::from(switch.on);
            }
        }
    }

    fn to_answer(&self, total: usize) -> OrganizationStatistics {
        let additional_of = |feature: DetectorFeature| -> Vec<_> {
            let of = crate::features::additional_of(feature).iter();
            of.map(|additional| {
                let name = additional_of_organization(*additional);
                OrganizationFeatureStatisticsAdditionalConfiguration {
                    name: Some(name),
                    enabled_accounts_count: number(self.additional.get(&(feature, name)).copied().unwrap_or(0)),
                }
            })
            .collect()
        };
        let feature = |feature: &DetectorFeature| {
            let additional = additional_of(*feature);
            Some(OrganizationFeatureStatistics {
                name: Some(of_organization(*feature)?),
                enabled_accounts_count: number(self.features.get(feature).copied().unwrap_or(0)),
                additional_configuration: (!additional.is_empty()).then_some(additional),
            })
        };
        OrganizationStatistics {
            total_accounts_count: number(total),
            member_accounts_count: number(self.members),
            active_accounts_count: number(self.active),
            enabled_accounts_count: number(self.enabled),
            count_by_feature: Some(DetectorFeature::ALL.iter().filter_map(feature).collect()),
        }
    }
}
