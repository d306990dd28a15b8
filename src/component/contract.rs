//! The contract between a component and the runtime.

use crate::options::Options;
use crate::shutdown::Shutdown;
use futures_util::future::BoxFuture;
use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use syntax::Diagnostic;
use value::{Arguments, Exports, Node};

/// Why a component could not be built or updated: the cause and what to do, lower case, no full stop.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The cause.
    pub message: String,
    /// The attribute or block at fault, where it is one.
    pub field: Option<&'static str>,
    /// What to do.
    pub hint: Option<String>,
}

impl BuildError {
    /// An error of the component as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), field: None, hint: None }
    }

    /// An error of one attribute or block.
    pub fn of(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why a component ended although nobody asked it to.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct RunError(pub String);

impl RunError {
    /// An error with this cause.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// A kind of component.
///
/// `build` must be quick and must not wait: no network, no long reads. What takes time belongs into `run`. Exports
/// that others need at once, such as receivers, are made in `build`.
pub trait Component: Sized + Send + Sync + 'static {
    /// Its arguments.
    type Args: Arguments + Clone + PartialEq + Send + Sync;
    /// Its exports, `()` for none.
    type Exports: Exports;

    /// Makes one from its arguments.
    ///
    /// # Errors
    /// When the arguments cannot work, although they decode.
    fn build(args: Self::Args, options: Options<Self::Exports>) -> Result<Self, BuildError>;

    /// Takes new arguments, concurrently with `run`. Called only when they differ from the last ones.
    ///
    /// # Errors
    /// When the arguments cannot work; the component then goes on with the old ones.
    fn update(&self, args: Self::Args) -> Result<(), BuildError>;

    /// Works until `stop`. A component that only passes data on just waits.
    ///
    /// # Errors
    /// When it cannot go on; it is then shown as exited and started again after a pause.
    fn run(&self, stop: Shutdown) -> impl Future<Output = Result<(), RunError>> + Send;

    /// What the UI shows of its inner state.
    fn debug_info(&self) -> Vec<Node> {
        Vec::new()
    }
}

/// Decoded arguments of any component.
pub trait AnyArguments: Any + Send + Sync {
    /// True when `other` is of the same type and equal.
    fn same(&self, other: &dyn AnyArguments) -> bool;
    /// As the API shows them.
    fn encode(&self) -> Vec<Node>;
    /// A copy.
    fn boxed_clone(&self) -> Box<dyn AnyArguments>;
}

impl dyn AnyArguments {
    /// The arguments, when they are a `T`.
    pub fn downcast_ref<T: AnyArguments>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

impl<T: Arguments + Clone + PartialEq + Send + Sync> AnyArguments for T {
    fn same(&self, other: &dyn AnyArguments) -> bool {
        other.downcast_ref::<T>() == Some(self)
    }
    fn encode(&self) -> Vec<Node> {
        Arguments::encode(self)
    }
    fn boxed_clone(&self) -> Box<dyn AnyArguments> {
        Box::new(self.clone())
    }
}

/// A running component of any kind.
pub trait Instance: Send + Sync {
    /// See [`Component::update`].
    fn update(&self, args: &dyn AnyArguments) -> Result<(), BuildError>;
    /// See [`Component::run`].
    fn run(self: Arc<Self>, stop: Shutdown) -> BoxFuture<'static, Result<(), RunError>>;
    /// See [`Component::debug_info`].
    fn debug_info(&self) -> Vec<Node>;
}

impl<C: Component> Instance for C {
    fn update(&self, args: &dyn AnyArguments) -> Result<(), BuildError> {
        let args = args.downcast_ref::<C::Args>().ok_or_else(|| BuildError::new("arguments of another kind of component"))?;
        Component::update(self, args.clone())
    }
    fn run(self: Arc<Self>, stop: Shutdown) -> BoxFuture<'static, Result<(), RunError>> {
        Box::pin(async move { Component::run(&*self, stop).await })
    }
    fn debug_info(&self) -> Vec<Node> {
        Component::debug_info(self)
    }
}

/// A build error as a diagnostic of the block it happened in.
impl BuildError {
    /// Points at the attribute or block at fault, or at the block's name.
    pub fn into_diagnostic(self, source: &Arc<syntax::Source>, block: &syntax::ast::Block) -> Diagnostic {
        let attr = block.body.attrs().find(|a| Some(a.name.text.as_str()) == self.field).map(|a| a.span);
        let inner = || block.body.blocks().find(|b| Some(b.name.as_str()) == self.field).map(|b| b.name_span);
        let span = attr.or_else(inner).unwrap_or(block.name_span);
        let mut diagnostic = Diagnostic::error("component/build", source, span, self.message);
        diagnostic.hints.extend(self.hint);
        diagnostic
    }
}
