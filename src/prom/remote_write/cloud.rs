//! Identities of clouds: their arguments are checked, so that a configuration can be validated. This build does not sign.

use value::{Arguments, Secret, ValidateError};

/// Signing for AWS.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct SigV4 {
    /// The region.
    #[alloy(attr, optional)]
    pub region: String,
    /// The key's id.
    #[alloy(attr, optional)]
    pub access_key: String,
    /// The key.
    #[alloy(attr, optional)]
    pub secret_key: Secret,
    /// The profile of the credentials file.
    #[alloy(attr, optional)]
    pub profile: String,
    /// The role to take.
    #[alloy(attr, optional)]
    pub role_arn: String,
    /// The id that the role asks for.
    #[alloy(attr, optional)]
    pub external_id: String,
    /// Uses the FIPS endpoint.
    #[alloy(attr, default = false)]
    pub use_fips_sts_endpoint: bool,
    /// The service to sign for.
    #[alloy(attr, optional)]
    pub service_name: String,
}

impl SigV4 {
    fn validate(&self) -> Result<(), ValidateError> {
        if self.access_key.is_empty() != self.secret_key.expose().is_empty() {
            return Err(ValidateError::new("`access_key` and `secret_key` belong together: write both or none"));
        }
        if !self.external_id.is_empty() && self.role_arn.is_empty() {
            return Err(ValidateError::at("external_id", "it has a meaning only beside `role_arn`"));
        }
        Ok(())
    }
}

/// An identity of Azure.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub(super) struct AzureAd {
    /// An identity that Azure manages.
    #[alloy(block, optional)]
    pub managed_identity: Option<ManagedIdentity>,
    /// The identity of a workload in Kubernetes.
    #[alloy(block, optional)]
    pub workload_identity: Option<WorkloadIdentity>,
    /// An application with a secret.
    #[alloy(block, optional)]
    pub oauth: Option<AzureOauth>,
    /// What the environment and the tools of Azure provide.
    #[alloy(block, optional)]
    pub sdk: Option<AzureSdk>,
    /// `AzurePublic`, `AzureChina` or `AzureGovernment`.
    #[alloy(attr, default = "AzurePublic")]
    pub cloud: String,
    /// The scope to ask for, where it is not that of the cloud.
    #[alloy(attr, optional)]
    pub scope: String,
}

impl AzureAd {
    fn validate(&self) -> Result<(), ValidateError> {
        const CLOUDS: [&str; 3] = ["AzurePublic", "AzureChina", "AzureGovernment"];
        if !CLOUDS.contains(&self.cloud.as_str()) {
            return Err(ValidateError::at("cloud", "there is no such cloud").hint(format!("write one of {}", CLOUDS.join(", "))));
        }
        let given = [self.managed_identity.is_some(), self.workload_identity.is_some(), self.oauth.is_some(), self.sdk.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            let cause = "exactly one of the blocks `managed_identity`, `workload_identity`, `oauth` and `sdk` is needed";
            return Err(ValidateError::new(cause));
        }
        let ids = [
            self.managed_identity.as_ref().map(|it| ("managed_identity", "client_id", &it.client_id)),
            self.workload_identity.as_ref().map(|it| ("workload_identity", "client_id", &it.client_id)),
            self.oauth.as_ref().map(|it| ("oauth", "client_id", &it.client_id)),
        ];
        for (block, name, id) in ids.into_iter().flatten() {
            if !is_uuid(id) {
                return Err(ValidateError::at(block, format!("`{name}` is not a UUID")));
            }
        }
        if self.workload_identity.as_ref().is_some_and(|it| !is_uuid(&it.tenant_id)) {
            return Err(ValidateError::at("workload_identity", "`tenant_id` is not a UUID"));
        }
        if self.oauth.as_ref().is_some_and(|it| it.tenant_id.is_empty()) {
            return Err(ValidateError::at("oauth", "`tenant_id` is empty"));
        }
        let tenants = [
            self.oauth.as_ref().map(|it| ("oauth", &it.tenant_id)),
            self.sdk.as_ref().filter(|it| !it.tenant_id.is_empty()).map(|it| ("sdk", &it.tenant_id)),
        ];
        let is_tenant = |id: &str| id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        match tenants.into_iter().flatten().find(|(_, tenant)| !is_tenant(tenant)) {
            // The original means to refuse it, and does not.
            Some((block, _)) => {
                Err(ValidateError::at(block, "`tenant_id` holds other characters than letters, digits, `-` and `.`").warning())
            }
            None => Ok(()),
        }
    }
}

/// A UUID, with or without dashes.
fn is_uuid(text: &str) -> bool {
    let bare = text.trim_start_matches("urn:uuid:").trim_matches(['{', '}']).replace('-', "");
    bare.len() == 32 && bare.chars().all(|c| c.is_ascii_hexdigit())
}

/// An identity that Azure manages.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct ManagedIdentity {
    /// The identity's id.
    #[alloy(attr)]
    pub client_id: String,
}

/// The identity of a workload in Kubernetes.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct WorkloadIdentity {
    /// The identity's id.
    #[alloy(attr)]
    pub client_id: String,
    /// The tenant.
    #[alloy(attr)]
    pub tenant_id: String,
    /// The file with the token, where it is not in its usual place.
    #[alloy(attr, optional)]
    pub token_file_path: String,
}

/// An application with a secret.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct AzureOauth {
    /// The application's id.
    #[alloy(attr)]
    pub client_id: String,
    /// Its secret.
    #[alloy(attr)]
    pub client_secret: Secret,
    /// The tenant.
    #[alloy(attr)]
    pub tenant_id: String,
}

/// What the environment and the tools of Azure provide.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct AzureSdk {
    /// The tenant.
    #[alloy(attr)]
    pub tenant_id: String,
}

/// An identity of Google Cloud.
#[derive(Arguments, Clone, Debug, PartialEq)]
pub(super) struct GoogleIam {
    /// The file with the credentials, where they are not those of the environment.
    #[alloy(attr, optional)]
    pub credentials_file: String,
}
