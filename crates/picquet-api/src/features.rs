//! The features of a detector, and the older data sources, which are the same state under other names.

use crate::error::ApiError;
use crate::named::Named;
use picquet_api_model::{
    CloudTrailConfigurationResult, DNSLogsConfigurationResult, DataSourceConfigurations,
    DataSourceConfigurationsResult, DataSourceStatus, DetectorAdditionalConfigurationResult, DetectorFeature,
    DetectorFeatureConfiguration, DetectorFeatureConfigurationResult, DetectorFeatureResult, EbsVolumesResult,
    FeatureAdditionalConfiguration, FeatureStatus, FlowLogsConfigurationResult, KubernetesAuditLogsConfigurationResult,
    KubernetesConfigurationResult, MalwareProtectionConfigurationResult, S3LogsConfigurationResult,
    ScanEc2InstanceWithFindingsResult,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether something is on, and since when it is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// On or off.
    pub on: bool,
    /// Milliseconds since the epoch.
    pub since: i64,
}

impl Switch {
    fn set(&mut self, on: bool, now: i64) {
        if self.on != on {
            *self = Self { on, since: now };
        }
    }
}

/// A feature with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The feature itself.
    pub switch: Switch,
    /// Its additional configuration.
    pub additional: Named<FeatureAdditionalConfiguration, Switch>,
}

/// The features of a detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Features(BTreeMap<DetectorFeature, Feature>);

/// What a detector has when nothing is said (GuardDuty user guide, "GuardDuty protection plans"): every plan but runtime
/// monitoring, which needs an agent.
const OFF_AT_FIRST: [DetectorFeature; 2] = [DetectorFeature::EksRuntimeMonitoring, DetectorFeature::RuntimeMonitoring];

/// What additional configuration a feature has. The service model has the names and not which belongs to which: see the
/// GuardDuty user guide, "Runtime Monitoring", and "RDS Protection" for data activity.
pub const fn additional_of(feature: DetectorFeature) -> &'static [FeatureAdditionalConfiguration] {
    use FeatureAdditionalConfiguration::{
        Ec2AgentManagement, EcsFargateAgentManagement, EksAddonManagement, RdsDataRisk,
    };
    match feature {
        DetectorFeature::RdsLoginEvents => &[RdsDataRisk],
        DetectorFeature::EksRuntimeMonitoring => &[EksAddonManagement],
        DetectorFeature::RuntimeMonitoring => &[EksAddonManagement, EcsFargateAgentManagement, Ec2AgentManagement],
        _ => &[],
    }
}

/// The same feature in answers.
pub const fn in_answers(feature: DetectorFeature) -> DetectorFeatureResult {
    match feature {
        DetectorFeature::S3DataEvents => DetectorFeatureResult::S3DataEvents,
        DetectorFeature::EksAuditLogs => DetectorFeatureResult::EksAuditLogs,
        DetectorFeature::EbsMalwareProtection => DetectorFeatureResult::EbsMalwareProtection,
        DetectorFeature::RdsLoginEvents => DetectorFeatureResult::RdsLoginEvents,
        DetectorFeature::LambdaNetworkLogs => DetectorFeatureResult::LambdaNetworkLogs,
        DetectorFeature::EksRuntimeMonitoring => DetectorFeatureResult::EksRuntimeMonitoring,
        DetectorFeature::RuntimeMonitoring => DetectorFeatureResult::RuntimeMonitoring,
        DetectorFeature::AiProtection => DetectorFeatureResult::AiProtection,
        DetectorFeature::AiAnalyst => DetectorFeatureResult::AiAnalyst,
    }
}

const fn status(on: bool) -> FeatureStatus {
    if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled }
}

const fn source(on: bool) -> DataSourceStatus {
    if on { DataSourceStatus::Enabled } else { DataSourceStatus::Disabled }
}

/// Features by name must be named once, and runtime monitoring by one of its two names.
///
/// # Errors
/// When they are not.
pub fn check_names<N: Copy + Eq>(names: &[N], eks: N, all: N) -> Result<(), ApiError> {
    let twice = names.iter().enumerate().any(|(i, name)| names[..i].contains(name));
    if twice {
        return Err(ApiError::parameter("features", "must name each feature once"));
    }
    if names.contains(&eks) && names.contains(&all) {
        return Err(ApiError::parameter(
            "features",
            "must name EKS_RUNTIME_MONITORING or RUNTIME_MONITORING, not both",
        ));
    }
    Ok(())
}

impl Features {
    /// Of a new detector.
    pub fn new(now: i64) -> Self {
        let feature = |feature: &DetectorFeature| {
            let on = !OFF_AT_FIRST.contains(feature);
            (*feature, Feature { switch: Switch { on, since: now }, additional: Named::default() })
        };
        Self(DetectorFeature::ALL.iter().map(feature).collect())
    }

    /// Whether a feature is on.
    pub fn is_on(&self, feature: DetectorFeature) -> bool {
        self.0.get(&feature).is_some_and(|f| f.switch.on)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (DetectorFeature, &Feature)> {
        self.0.iter().map(|(name, feature)| (*name, feature))
    }

    /// Switches one.
    pub fn set(&mut self, feature: DetectorFeature, on: bool, now: i64) {
        if let Some(feature) = self.0.get_mut(&feature) {
            feature.switch.set(on, now);
        }
    }

    /// Switches what belongs to one.
    ///
    /// # Errors
    /// When it does not belong to it.
    pub fn set_additional(
        &mut self,
        feature: DetectorFeature,
        additional: FeatureAdditionalConfiguration,
        on: bool,
        now: i64,
    ) -> Result<(), ApiError> {
        if !additional_of(feature).contains(&additional) {
            let why = format!("cannot have {} for {}", additional.as_str(), feature.as_str());
            return Err(ApiError::parameter("additionalConfiguration", &why));
        }
        if let Some(feature) = self.0.get_mut(&feature) {
            feature.additional.entry(additional, Switch { on: false, since: now }).set(on, now);
        }
        Ok(())
    }

    /// Takes what a request says; what it does not name stays.
    ///
    /// # Errors
    /// When it names something twice, or what does not go together.
    pub fn update(
        &mut self,
        features: Option<&[DetectorFeatureConfiguration]>,
        sources: Option<&DataSourceConfigurations>,
        now: i64,
    ) -> Result<(), ApiError> {
        if let Some(s3) = sources.and_then(|s| s.s3_logs.as_ref()) {
            self.set(DetectorFeature::S3DataEvents, s3.enable, now);
        }
        if let Some(kubernetes) = sources.and_then(|s| s.kubernetes.as_ref()) {
            self.set(DetectorFeature::EksAuditLogs, kubernetes.audit_logs.enable, now);
        }
        let ebs = sources
            .and_then(|s| s.malware_protection.as_ref())
            .and_then(|m| m.scan_ec2_instance_with_findings.as_ref()?.ebs_volumes);
        if let Some(on) = ebs {
            self.set(DetectorFeature::EbsMalwareProtection, on, now);
        }
        let features = features.unwrap_or_default();
        let names: Vec<DetectorFeature> = features.iter().filter_map(|f| f.name).collect();
        check_names(&names, DetectorFeature::EksRuntimeMonitoring, DetectorFeature::RuntimeMonitoring)?;
        for feature in features {
            let Some(name) = feature.name else { return Err(ApiError::parameter("features.name", "is required")) };
            if let Some(status) = feature.status {
                self.set(name, status == FeatureStatus::Enabled, now);
            }
            for additional in feature.additional_configuration.iter().flatten() {
                let Some(of) = additional.name else {
                    return Err(ApiError::parameter("features.additionalConfiguration.name", "is required"));
                };
                if let Some(status) = additional.status {
                    self.set_additional(name, of, status == FeatureStatus::Enabled, now)?;
                }
            }
            if let (Some(kept), Some(all)) = (self.0.get_mut(&name), &feature.additional_configuration) {
                kept.additional.arrange(&all.iter().filter_map(|a| a.name).collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    /// Every feature once, with the foundational sources, which are on while the detector is.
    pub fn to_answer(&self, enabled: bool, created_at: i64) -> Vec<DetectorFeatureConfigurationResult> {
        use DetectorFeatureResult::{CloudTrail, DnsLogs, FlowLogs};
        let foundational = [CloudTrail, DnsLogs, FlowLogs].map(|name| DetectorFeatureConfigurationResult {
            name: Some(name),
            status: Some(status(enabled)),
            updated_at: Some(crate::call::seconds(created_at)),
            ..Default::default()
        });
        let of = |(name, feature): (DetectorFeature, &Feature)| DetectorFeatureConfigurationResult {
            name: Some(in_answers(name)),
            status: Some(status(feature.switch.on)),
            updated_at: Some(crate::call::seconds(feature.switch.since)),
            additional_configuration: (!feature.additional.is_empty()).then(|| {
                let additional =
                    |(name, switch): (FeatureAdditionalConfiguration, Switch)| DetectorAdditionalConfigurationResult {
                        name: Some(name),
                        status: Some(status(switch.on)),
                        updated_at: Some(crate::call::seconds(switch.since)),
                        ..Default::default()
                    };
                feature.additional.iter().map(additional).collect()
            }),
            ..Default::default()
        };
        foundational.into_iter().chain(self.iter().map(of)).collect()
    }

    /// The same as data sources.
    pub fn to_data_sources(&self, enabled: bool, service_role: String) -> DataSourceConfigurationsResult {
        DataSourceConfigurationsResult {
            cloud_trail: CloudTrailConfigurationResult { status: source(enabled) },
            dns_logs: DNSLogsConfigurationResult { status: source(enabled) },
            flow_logs: FlowLogsConfigurationResult { status: source(enabled) },
            s3_logs: S3LogsConfigurationResult { status: source(self.is_on(DetectorFeature::S3DataEvents)) },
            kubernetes: Some(KubernetesConfigurationResult {
                audit_logs: KubernetesAuditLogsConfigurationResult {
                    status: source(self.is_on(DetectorFeature::EksAuditLogs)),
                },
            }),
            malware_protection: Some(MalwareProtectionConfigurationResult {
                scan_ec2_instance_with_findings: Some(ScanEc2InstanceWithFindingsResult {
                    ebs_volumes: Some(EbsVolumesResult {
                        status: Some(source(self.is_on(DetectorFeature::EbsMalwareProtection))),
                        reason: None,
                    }),
                }),
                service_role: Some(service_role),
            }),
        }
    }
}
