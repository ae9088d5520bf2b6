//! What members of the organization have enabled, and when.

use super::{MOST_MEMBERS, only_delegated_administrator};
use crate::call::Call;
use crate::error::ApiError;
use crate::features::{Features, additional_of, check_names};
use crate::handlers::members::relation::{self, Relation, Status, Via};
use crate::named::Named;
use crate::org_features::{additional_of_detector, of_detector};
use picquet_api_model::{
    AutoEnableMembers, DescribeOrganizationConfigurationRequest, DescribeOrganizationConfigurationResponse, OrgFeature,
    OrgFeatureAdditionalConfiguration, OrgFeatureStatus, OrganizationAdditionalConfigurationResult,
    OrganizationDataSourceConfigurations, OrganizationDataSourceConfigurationsResult, OrganizationEbsVolumesResult,
    OrganizationFeatureConfiguration, OrganizationFeatureConfigurationResult,
    OrganizationKubernetesAuditLogsConfigurationResult, OrganizationKubernetesConfigurationResult,
    OrganizationMalwareProtectionConfigurationResult, OrganizationS3LogsConfigurationResult,
    OrganizationScanEc2InstanceWithFindingsResult, UpdateOrganizationConfigurationRequest,
    UpdateOrganizationConfigurationResponse,
};
use picquet_store::documents::{Document, Shelf};
use picquet_store::{Sql, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A feature of the organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plan {
    /// For whom it is enabled.
    auto: OrgFeatureStatus,
    /// What belongs to it.
    additional: Named<OrgFeatureAdditionalConfiguration, OrgFeatureStatus>,
}

/// The configuration of an organization in a region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationConfiguration {
    members: AutoEnableMembers,
    features: BTreeMap<OrgFeature, Plan>,
}

impl Document for OrganizationConfiguration {
    const KIND: &'static str = "organization-configuration";
}

/// Where the configuration is kept: with the delegated administrator's detector.
pub(super) struct Kept;

impl Kept {
    const ID: &'static str = "configuration";

    /// Forgets it.
    pub(super) fn remove(sql: &mut dyn Sql, shelf: &Shelf<'_>) -> Result<bool, StoreError> {
        shelf.remove::<OrganizationConfiguration>(sql, Self::ID)
    }
}

/// The configuration of the organization whose delegated administrator has a detector.
///
/// # Errors
/// When the store fails.
pub fn configuration(call: &mut Call<'_>, detector: &str) -> Result<OrganizationConfiguration, ApiError> {
    let kept = call.shelf(detector).get(call.sql, Kept::ID)?;
    Ok(kept.unwrap_or_else(OrganizationConfiguration::new))
}

/// The older yes and no: new accounts, or none.
const fn of_bool(on: bool) -> OrgFeatureStatus {
    if on { OrgFeatureStatus::New } else { OrgFeatureStatus::None }
}

impl OrganizationConfiguration {
    /// Of a new delegated administrator: nothing happens by itself.
    fn new() -> Self {
        let plan =
            |feature: &OrgFeature| (*feature, Plan { auto: OrgFeatureStatus::None, additional: Named::default() });
        Self { members: AutoEnableMembers::None, features: OrgFeature::ALL.iter().map(plan).collect() }
    }

    /// Whether GuardDuty is enabled in all accounts.
    pub fn enables_all(&self) -> bool {
        self.members == AutoEnableMembers::All
    }

    fn set(&mut self, feature: OrgFeature, auto: OrgFeatureStatus) {
        if let Some(plan) = self.features.get_mut(&feature) {
            plan.auto = auto;
        }
    }

    fn set_sources(&mut self, sources: &OrganizationDataSourceConfigurations) {
        if let Some(s3) = &sources.s3_logs {
            self.set(OrgFeature::S3DataEvents, of_bool(s3.auto_enable));
        }
        if let Some(kubernetes) = &sources.kubernetes {
            self.set(OrgFeature::EksAuditLogs, of_bool(kubernetes.audit_logs.auto_enable));
        }
        let ebs = sources.malware_protection.as_ref().and_then(|m| m.scan_ec2_instance_with_findings.as_ref());
        if let Some(on) = ebs.and_then(|scan| scan.ebs_volumes.as_ref()?.auto_enable) {
            self.set(OrgFeature::EbsMalwareProtection, of_bool(on));
        }
    }

    fn set_features(&mut self, features: &[OrganizationFeatureConfiguration]) -> Result<(), ApiError> {
        let names: Vec<OrgFeature> = features.iter().filter_map(|f| f.name).collect();
        check_names(&names, OrgFeature::EksRuntimeMonitoring, OrgFeature::RuntimeMonitoring)?;
        for feature in features {
            let Some(name) = feature.name else { return Err(ApiError::parameter("features.name", "is required")) };
            if let Some(auto) = feature.auto_enable {
                self.set(name, auto);
            }
            for additional in feature.additional_configuration.iter().flatten() {
                let Some(of) = additional.name else {
                    return Err(ApiError::parameter("features.additionalConfiguration.name", "is required"));
                };
                if !additional_of(of_detector(name)).contains(&additional_of_detector(of)) {
                    let why = format!("cannot have {} for {}", of.as_str(), name.as_str());
                    return Err(ApiError::parameter("additionalConfiguration", &why));
                }
                if let Some(plan) = self.features.get_mut(&name) {
                    let known = plan.additional.entry(of, OrgFeatureStatus::None);
                    *known = additional.auto_enable.unwrap_or(*known);
                }
            }
            if let (Some(plan), Some(all)) = (self.features.get_mut(&name), &feature.additional_configuration) {
                plan.additional.arrange(&all.iter().filter_map(|a| a.name).collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    /// Sets features of a detector: on, off, or as they are.
    fn settle(
        &self,
        features: &mut Features,
        now: i64,
        wanted: impl Fn(OrgFeatureStatus) -> Option<bool>,
    ) -> Result<(), ApiError> {
        for (name, plan) in &self.features {
            let feature = of_detector(*name);
            if let Some(on) = wanted(plan.auto) {
                features.set(feature, on, now);
            }
            for (additional, auto) in plan.additional.iter() {
                if let Some(on) = wanted(auto) {
                    features.set_additional(feature, additional_of_detector(additional), on, now)?;
                }
            }
        }
        Ok(())
    }

    /// Sets the features of an account that becomes a member. What is not enabled by itself stays as it is in a detector
    /// that is there already.
    ///
    /// # Errors
    /// Never: what belongs to which feature was checked when it was configured.
    pub fn settle_joining(&self, features: &mut Features, fresh: bool, now: i64) -> Result<(), ApiError> {
        self.settle(features, now, |auto| match auto {
            OrgFeatureStatus::New | OrgFeatureStatus::All => Some(true),
            OrgFeatureStatus::None => fresh.then_some(false),
        })
    }

    fn settle_all(&self, features: &mut Features, now: i64) -> Result<(), ApiError> {
        self.settle(features, now, |auto| (auto == OrgFeatureStatus::All).then_some(true))
    }

    fn is_on(&self, feature: OrgFeature) -> bool {
        self.features.get(&feature).is_some_and(|plan| plan.auto != OrgFeatureStatus::None)
    }

    fn to_data_sources(&self) -> OrganizationDataSourceConfigurationsResult {
        let ebs = OrganizationEbsVolumesResult { auto_enable: Some(self.is_on(OrgFeature::EbsMalwareProtection)) };
        OrganizationDataSourceConfigurationsResult {
            s3_logs: OrganizationS3LogsConfigurationResult { auto_enable: self.is_on(OrgFeature::S3DataEvents) },
            kubernetes: Some(OrganizationKubernetesConfigurationResult {
                audit_logs: OrganizationKubernetesAuditLogsConfigurationResult {
                    auto_enable: self.is_on(OrgFeature::EksAuditLogs),
                },
            }),
            malware_protection: Some(OrganizationMalwareProtectionConfigurationResult {
                scan_ec2_instance_with_findings: Some(OrganizationScanEc2InstanceWithFindingsResult {
                    ebs_volumes: Some(ebs),
                }),
            }),
        }
    }

    /// Every feature once, by name.
    fn to_features(&self) -> BTreeMap<&'static str, OrganizationFeatureConfigurationResult> {
        let additional = |(name, auto): (OrgFeatureAdditionalConfiguration, OrgFeatureStatus)| {
            OrganizationAdditionalConfigurationResult { name: Some(name), auto_enable: Some(auto) }
        };
        let feature = |(name, plan): (&OrgFeature, &Plan)| {
            let all = plan.additional.iter().map(additional);
            let answer = OrganizationFeatureConfigurationResult {
                name: Some(*name),
                auto_enable: Some(plan.auto),
                additional_configuration: (!plan.additional.is_empty()).then(|| all.collect()),
            };
            (name.as_str(), answer)
        };
        self.features.iter().map(feature).collect()
    }
}

pub fn describe_organization_configuration(
    call: &mut Call<'_>,
    input: DescribeOrganizationConfigurationRequest,
) -> Result<DescribeOrganizationConfigurationResponse, ApiError> {
    call.detector(&input.detector_id)?;
    only_delegated_administrator(call)?;
    let configuration = configuration(call, &input.detector_id)?;
    let page = call.page("organization-features", input.max_results, input.next_token.as_deref())?;
    let rows = configuration.to_features().into_iter().filter(|(name, _)| *name > page.after.as_str());
    let mut rows: Vec<_> = rows.take(page.read()).map(|(name, feature)| (name.to_owned(), feature)).collect();
    let next_token = call.cut(&page, &mut rows);
    let members = call.shelf(&input.detector_id).count::<Relation>(call.sql)?;
    Ok(DescribeOrganizationConfigurationResponse {
        auto_enable: Some(configuration.members != AutoEnableMembers::None),
        auto_enable_organization_members: Some(configuration.members),
        data_sources: Some(configuration.to_data_sources()),
        features: Some(rows.into_iter().map(|(_, feature)| feature).collect()),
        member_account_limit_reached: members >= MOST_MEMBERS,
        next_token,
    })
}

pub fn update_organization_configuration(
    call: &mut Call<'_>,
    input: UpdateOrganizationConfigurationRequest,
) -> Result<UpdateOrganizationConfigurationResponse, ApiError> {
    call.detector(&input.detector_id)?;
    only_delegated_administrator(call)?;
    let mut configuration = configuration(call, &input.detector_id)?;
    configuration.members = match (input.auto_enable_organization_members, input.auto_enable) {
        (Some(members), None) => members,
        (None, Some(true)) => AutoEnableMembers::New,
        (None, Some(false)) => AutoEnableMembers::None,
        // One of them, and not both (service model).
        _ => {
            let why = "must be given, or else autoEnable, and not both";
            return Err(ApiError::parameter("autoEnableOrganizationMembers", why));
        }
    };
    if let Some(sources) = &input.data_sources {
        configuration.set_sources(sources);
    }
    configuration.set_features(input.features.as_deref().unwrap_or_default())?;
    call.shelf(&input.detector_id).put(call.sql, Kept::ID, &configuration)?;
    carry_out(call, &input.detector_id, &configuration)?;
    Ok(UpdateOrganizationConfigurationResponse {})
}

/// What is for all is so at once: in members that are there, in those that were suspended or removed, and in the
/// delegated administrator (GuardDuty user guide, "Setting organization auto-enable preferences").
fn carry_out(call: &mut Call<'_>, detector: &str, configuration: &OrganizationConfiguration) -> Result<(), ApiError> {
    let now = call.millis();
    let shelf = call.shelf(detector);
    for (account, mut member) in shelf.list::<Relation>(call.sql)? {
        if member.via != Via::Organization {
            continue;
        }
        if configuration.enables_all() && member.status != Status::Enabled {
            if relation::may_join(call, &account)?.is_err() {
                continue;
            }
            member.set(Status::Enabled, now);
            shelf.put(call.sql, &account, &member)?;
            relation::enable(call, &account, |features, fresh| configuration.settle_joining(features, fresh, now))?;
        }
        if member.status.is_associated() {
            settle_all(call, &account, configuration)?;
        }
    }
    settle_all(call, call.account, configuration)
}

fn settle_all(call: &mut Call<'_>, account: &str, configuration: &OrganizationConfiguration) -> Result<(), ApiError> {
    let Some((id, mut detector)) = relation::detector_of(call, account)? else { return Ok(()) };
    let before = detector.features.clone();
    configuration.settle_all(&mut detector.features, call.millis())?;
    if before != detector.features {
        detector.updated_at = call.millis();
        relation::put_detector(call, account, &id, &detector)?;
    }
    Ok(())
}
