//! The features of a detector under the names that they have for members and organizations.

use crate::features::Features;
use picquet_api_model::{
    DetectorAdditionalConfiguration, DetectorFeature, DetectorFeatureConfiguration, FeatureAdditionalConfiguration,
    FeatureStatus, MemberAdditionalConfigurationResult, MemberFeaturesConfiguration, MemberFeaturesConfigurationResult,
    OrgFeature, OrgFeatureAdditionalConfiguration,
};

/// The feature of a detector.
pub const fn of_detector(feature: OrgFeature) -> DetectorFeature {
    match feature {
        OrgFeature::S3DataEvents => DetectorFeature::S3DataEvents,
        OrgFeature::EksAuditLogs => DetectorFeature::EksAuditLogs,
        OrgFeature::EbsMalwareProtection => DetectorFeature::EbsMalwareProtection,
        OrgFeature::RdsLoginEvents => DetectorFeature::RdsLoginEvents,
        OrgFeature::LambdaNetworkLogs => DetectorFeature::LambdaNetworkLogs,
        OrgFeature::EksRuntimeMonitoring => DetectorFeature::EksRuntimeMonitoring,
        OrgFeature::RuntimeMonitoring => DetectorFeature::RuntimeMonitoring,
        OrgFeature::AiProtection => DetectorFeature::AiProtection,
    }
}

/// The feature of an organization, for those that an organization can have (service model).
pub const fn of_organization(feature: DetectorFeature) -> Option<OrgFeature> {
    Some(match feature {
        DetectorFeature::S3DataEvents => OrgFeature::S3DataEvents,
        DetectorFeature::EksAuditLogs => OrgFeature::EksAuditLogs,
        DetectorFeature::EbsMalwareProtection => OrgFeature::EbsMalwareProtection,
        DetectorFeature::RdsLoginEvents => OrgFeature::RdsLoginEvents,
        DetectorFeature::LambdaNetworkLogs => OrgFeature::LambdaNetworkLogs,
        DetectorFeature::EksRuntimeMonitoring => OrgFeature::EksRuntimeMonitoring,
        DetectorFeature::RuntimeMonitoring => OrgFeature::RuntimeMonitoring,
        DetectorFeature::AiProtection => OrgFeature::AiProtection,
        DetectorFeature::AiAnalyst => return None,
    })
}

/// The additional configuration of a detector.
pub const fn additional_of_detector(additional: OrgFeatureAdditionalConfiguration) -> FeatureAdditionalConfiguration {
    use OrgFeatureAdditionalConfiguration as Org;
    match additional {
        Org::EksAddonManagement => FeatureAdditionalConfiguration::EksAddonManagement,
        Org::EcsFargateAgentManagement => FeatureAdditionalConfiguration::EcsFargateAgentManagement,
        Org::Ec2AgentManagement => FeatureAdditionalConfiguration::Ec2AgentManagement,
        Org::RdsDataRisk => FeatureAdditionalConfiguration::RdsDataRisk,
    }
}

/// The additional configuration of an organization.
pub const fn additional_of_organization(
    additional: FeatureAdditionalConfiguration,
) -> OrgFeatureAdditionalConfiguration {
    use OrgFeatureAdditionalConfiguration as Org;
    match additional {
        FeatureAdditionalConfiguration::EksAddonManagement => Org::EksAddonManagement,
        FeatureAdditionalConfiguration::EcsFargateAgentManagement => Org::EcsFargateAgentManagement,
        FeatureAdditionalConfiguration::Ec2AgentManagement => Org::Ec2AgentManagement,
        FeatureAdditionalConfiguration::RdsDataRisk => Org::RdsDataRisk,
    }
}

/// What is asked of a member's features, as it would be asked of its detector.
pub fn asked_of_detector(features: &[MemberFeaturesConfiguration]) -> Vec<DetectorFeatureConfiguration> {
    let additional = |a: &picquet_api_model::MemberAdditionalConfiguration| DetectorAdditionalConfiguration {
        name: a.name.map(additional_of_detector),
        status: a.status,
    };
    let feature = |f: &MemberFeaturesConfiguration| DetectorFeatureConfiguration {
        name: f.name.map(of_detector),
        status: f.status,
        additional_configuration: f.additional_configuration.as_ref().map(|all| all.iter().map(additional).collect()),
    };
    features.iter().map(feature).collect()
}

const fn status(on: bool) -> FeatureStatus {
    if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled }
}

/// The features of a member's detector, each once.
pub fn to_member_answer(features: &Features) -> Vec<MemberFeaturesConfigurationResult> {
    let mut answer = Vec::new();
    for (name, feature) in features.iter() {
        let Some(name) = of_organization(name) else { continue };
        let additional = feature.additional.iter().map(|(name, switch)| MemberAdditionalConfigurationResult {
            name: Some(additional_of_organization(name)),
            status: Some(status(switch.on)),
            updated_at: Some(crate::call::seconds(switch.since)),
            ..Default::default()
        });
        answer.push(MemberFeaturesConfigurationResult {
            name: Some(name),
            status: Some(status(feature.switch.on)),
            updated_at: Some(crate::call::seconds(feature.switch.since)),
            additional_configuration: (!feature.additional.is_empty()).then(|| additional.collect()),
            ..Default::default()
        });
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_each_other() {
        for feature in OrgFeature::ALL {
            assert_eq!(of_organization(of_detector(*feature)), Some(*feature));
            assert_eq!(of_detector(*feature).as_str(), feature.as_str());
        }
        for additional in OrgFeatureAdditionalConfiguration::ALL {
            assert_eq!(additional_of_organization(additional_of_detector(*additional)), *additional);
            assert_eq!(additional_of_detector(*additional).as_str(), additional.as_str());
        }
    }
}
