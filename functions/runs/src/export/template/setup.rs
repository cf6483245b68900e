//! What a setup knows of its files before there is a record: its own names, and
//! the codes of the milestones where a record may be.

use arrears_domain::setup::ExportSetup;
use arrears_domain::{Identifier, MilestoneCode, SchemeCode, Setup};
use std::cmp::Reverse;

/// Milestones that templates are tried with: those with the longest codes and
/// the highest levels come first, since what has room for them has room for all.
const STAGES_MAX: usize = 48;

/// A milestone of a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    pub scheme: SchemeCode,
    pub milestone: MilestoneCode,
    pub level: u32,
}

/// The facts of a setup that its templates will meet.
#[derive(Debug, Clone)]
pub struct SetupFacts {
    pub(super) setup: String,
    pub(super) agency_name: String,
    pub(super) collection_agency_code: String,
    pub(super) collection_agency_name: String,
    pub(super) stages: Vec<Stage>,
}

impl SetupFacts {
    /// What the setup says of the files of one of its export setups.
    #[must_use]
    pub fn of(setup: &Setup, export: &ExportSetup) -> Self {
        let code = &export.collection_agency;
        let agency = setup.collection_agencies.get(code);
        let stages = setup.schemes.values().flat_map(|scheme| {
            scheme.milestones.iter().map(|milestone| Stage {
                scheme: scheme.code.clone(),
                milestone: milestone.code.clone(),
                level: milestone.level,
            })
        });
        Self {
            setup: export.code.clone(),
            agency_name: setup.agency_name.clone(),
            collection_agency_code: code.clone(),
            collection_agency_name: agency.map(|it| it.name.clone()).unwrap_or_default(),
            stages: widest(stages.collect()),
        }
        .with_some_stage()
    }

    /// Those of a setup that does not exist, for templates without one.
    #[must_use]
    pub fn made_up() -> Self {
        Self {
            setup: "WEEKLY".to_owned(),
            agency_name: "City of Springfield".to_owned(),
            collection_agency_code: "NORTHSTAR".to_owned(),
            collection_agency_name: "Northstar Recovery, Inc.".to_owned(),
            stages: Vec::new(),
        }
        .with_some_stage()
    }

    /// A setup without schemes is tried all the same.
    fn with_some_stage(mut self) -> Self {
        if self.stages.is_empty() {
            let codes = (SchemeCode::parse("RES"), MilestoneCode::parse("COLLECTIONS"));
            if let (Ok(scheme), Ok(milestone)) = codes {
                self.stages.push(Stage { scheme, milestone, level: 4 });
            }
        }
        self
    }
}

/// Of too many milestones, the widest in each respect.
pub(super) fn widest(all: Vec<Stage>) -> Vec<Stage> {
    if all.len() <= STAGES_MAX {
        return all;
    }
    let widths: [fn(&Stage) -> usize; 3] = [
        |stage| stage.scheme.as_str().chars().count(),
        |stage| stage.milestone.as_str().chars().count(),
        |stage| stage.level as usize,
    ];
    let mut kept: Vec<Stage> = Vec::new();
    for width in widths {
        let mut sorted: Vec<&Stage> = all.iter().collect();
        sorted.sort_by_key(|stage| Reverse(width(stage)));
        let wanted = sorted.into_iter().take(STAGES_MAX / widths.len()).cloned();
        let new: Vec<Stage> = wanted.filter(|stage| !kept.contains(stage)).collect();
        kept.extend(new);
    }
    kept
}
