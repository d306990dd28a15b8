//! Registration: what the program knows of a kind of component without having one.

use crate::contract::{AnyArguments, BuildError, Component, Instance};
use crate::options::{Context, Options};
use std::sync::Arc;
use value::schema::BodySchema;
use value::{Arguments, Body, DecodeCx, Exports};

/// How settled a component is. A component is refused when it is less stable than `--stability.level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// May change or go away.
    Experimental,
    /// May change.
    PublicPreview,
    /// Settled.
    GenerallyAvailable,
}

impl Stability {
    /// As the command line spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::PublicPreview => "public-preview",
            Self::GenerallyAvailable => "generally-available",
        }
    }
}

type DecodeFn = fn(&Body<'_>, &mut DecodeCx) -> Option<Box<dyn AnyArguments>>;
type BuildFn = fn(&dyn AnyArguments, Arc<Context>) -> Result<Arc<dyn Instance>, BuildError>;

/// A kind of component.
#[derive(Debug)]
pub struct Registration {
    /// Its name, `prometheus.scrape`.
    pub name: &'static str,
    /// How settled it is.
    pub stability: Stability,
    /// Needs `--feature.community-components.enabled`.
    pub community: bool,
    /// Shows its data to those who watch.
    pub live_debugging: bool,
    /// The shape of its arguments.
    pub arguments: fn() -> &'static BodySchema,
    /// The shape of its exports.
    pub exports: fn() -> &'static BodySchema,
    /// Reads arguments.
    pub decode: DecodeFn,
    /// Makes an instance; `args` must come from `decode`.
    pub build: BuildFn,
}

impl Registration {
    /// Registers `C` as `name`.
    pub const fn of<C: Component>(name: &'static str, stability: Stability) -> Self {
        Self {
            name,
            stability,
            community: false,
            live_debugging: false,
            arguments: <C::Args as Arguments>::schema,
            exports: <C::Exports as Exports>::schema,
            decode: |body, cx| C::Args::decode(body, cx).map(|args| Box::new(args) as Box<dyn AnyArguments>),
            build: |args, context| {
                let args = args.downcast_ref::<C::Args>().ok_or_else(|| BuildError::new("arguments of another kind of component"))?;
                Ok(Arc::new(C::build(args.clone(), Options::new(context))?))
            },
        }
    }

    /// The component shows its data to those who watch.
    #[must_use]
    pub const fn live_debugging(mut self) -> Self {
        self.live_debugging = true;
        self
    }

    /// The component is the community's.
    #[must_use]
    pub const fn community(mut self) -> Self {
        self.community = true;
        self
    }
}
