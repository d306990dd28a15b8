//! Containers and networks.

use crate::{Client, Error, Filters};
use bollard::models::{ContainerSummary, EndpointSettings, Network as FoundNetwork, PortSummaryTypeEnum};
use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions};
use std::collections::{BTreeMap, HashMap};

/// A container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its names, each with a slash in front.
    pub names: Vec<String>,
    /// The image's name.
    pub image: String,
    /// The image's id.
    pub image_id: String,
    /// `bridge`, `host`, `none`, `container:ID`, or a network's name.
    pub network_mode: String,
    /// Its labels.
    pub labels: HashMap<String, String>,
    /// Its networks by name.
    pub networks: BTreeMap<String, Endpoint>,
    /// Its ports.
    pub ports: Vec<Port>,
}

/// A container in a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    /// The network's id.
    pub network_id: String,
    /// The container's address in it: version 4, or version 6 when there is no other, or empty.
    pub ip: String,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Port {
    /// True for TCP.
    pub tcp: bool,
    /// Inside the container.
    pub private: u16,
    /// On the host.
    pub public: Option<u16>,
    /// The host's address that the public port is bound to.
    pub ip: String,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `local`, `swarm` or `global`.
    pub scope: String,
    /// Without a way out.
    pub internal: bool,
    /// The routing mesh of a swarm.
    pub ingress: bool,
    /// Its labels.
    pub labels: HashMap<String, String>,
}

impl Client {
    /// Running containers that fit `filters`; with `all` also those that do not run.
    ///
    /// # Errors
    /// When the daemon is not reached, or refuses a filter.
    pub async fn containers(&self, filters: Filters, all: bool) -> Result<Vec<Container>, Error> {
        let options = ListContainersOptions { all, filters: Some(filters), ..ListContainersOptions::default() };
        let found = self.docker.list_containers(Some(options)).await?;
        Ok(found.into_iter().map(container).collect())
    }

    /// All networks.
    ///
    /// # Errors
    /// When the daemon is not reached.
    pub async fn networks(&self) -> Result<Vec<Network>, Error> {
        let found = self.docker.list_networks(None::<ListNetworksOptions>).await?;
        Ok(found.into_iter().map(network).collect())
    }
}

fn container(found: ContainerSummary) -> Container {
    let port = |port: bollard::models::PortSummary| Port {
        tcp: port.typ == Some(PortSummaryTypeEnum::TCP),
        private: port.private_port,
        public: port.public_port,
        ip: port.ip.unwrap_or_default(),
    };
    let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    Container {
        id: found.id.unwrap_or_default(),
        names: found.names.unwrap_or_default(),
        image: found.image.unwrap_or_default(),
        image_id: found.image_id.unwrap_or_default(),
        network_mode: found.host_config.and_then(|config| config.network_mode).unwrap_or_default(),
        labels: found.labels.unwrap_or_default(),
        networks: networks.into_iter().map(|(name, settings)| (name, endpoint(settings))).collect(),
        ports: found.ports.unwrap_or_default().into_iter().map(port).collect(),
    }
}

fn endpoint(found: EndpointSettings) -> Endpoint {
    let v4 = found.ip_address.filter(|ip| !ip.is_empty());
    Endpoint { network_id: found.network_id.unwrap_or_default(), ip: v4.or(found.global_ipv6_address).unwrap_or_default() }
}

fn network(found: FoundNetwork) -> Network {
    Network {
        id: found.id.unwrap_or_default(),
        name: found.name.unwrap_or_default(),
        scope: found.scope.unwrap_or_default(),
        internal: found.internal.unwrap_or_default(),
        ingress: found.ingress.unwrap_or_default(),
        labels: found.labels.unwrap_or_default(),
    }
}
