//! `discovery.relabel` rewrites, keeps or drops targets by rules over their labels.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::relabel::{self, Names, Rule, Rules};
use data::target::Target;
use value::{Arguments, Exports};

pub(crate) static COMPONENT: Registration =
    Registration::of::<Relabel>("discovery.relabel", Stability::GenerallyAvailable).live_debugging();

/// Rewrites the labels of targets before something scrapes or reads them.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// The targets to work on, usually the export of another `discovery` component.
    #[alloy(attr)]
    targets: Vec<Target>,
    /// Rules, applied in the order written. Without rules targets pass unchanged.
    #[alloy(block = "rule", optional)]
    rules: Vec<Rule>,
}

/// What is left of the targets, and the rules for others to use.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Targets that were kept, with their new labels.
    #[alloy(attr)]
    output: Vec<Target>,
    /// The rules themselves, for components with a `relabel_rules` argument.
    #[alloy(attr)]
    rules: Rules,
}

struct Relabel {
    options: Options<Out>,
}

impl Component for Relabel {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let relabel = Self { options };
        relabel.update(args)?;
        Ok(relabel)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let mut output = Vec::with_capacity(args.targets.len());
        for target in &args.targets {
            let kept = relabel::process_with(target, &args.rules, Names::Utf8).map(Target::new);
            self.options.tap.show(|| match &kept {
                Some(kept) => format!("{target:?} => {kept:?}"),
                None => format!("{target:?} => dropped"),
            });
            output.extend(kept);
        }
        self.options.export(Out { output, rules: Rules::new(args.rules) });
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::COMPONENT;
    use component::testing::Driver;
    use value::print::to_text;

    const TARGETS: &str = r#"targets = [{"__address__" = "a:1", "env" = "prod"}, {"__address__" = "b:1", "env" = "dev"}]"#;

    #[tokio::test]
    async fn keeps_rewrites_and_follows_updates() {
        let driver = Driver::start(&COMPONENT, TARGETS).expect("no rules are fine");
        assert_eq!(to_text(&driver.export("output")).matches("__address__").count(), 2);
        let rules = r#"
            rule { source_labels = ["env"]
                   regex = "prod"
                   action = "keep" }
            rule { source_labels = ["env"]
                   target_label = "tier" }"#;
        driver.update(&format!("{TARGETS}{rules}")).expect("the rules are good");
        let output = to_text(&driver.export("output"));
        assert!(output.contains("prod") && !output.contains("dev") && output.contains("tier"), "{output}");
    }
}
