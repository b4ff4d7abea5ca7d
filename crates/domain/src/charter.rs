//! The building's numbers, which an epoch may change.

use serde::{Deserialize, Serialize};

use crate::Points;

/// The numbers that the building has agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// What an hour of help earns by default, in points.
    pub points_per_hour: Points,
    /// How far below zero a member's balance may go, in points.
    pub credit_line: Points,
    /// How much one journal may spend before a witness has stamped it, in points (rule L3).
    pub quota: Points,
}

impl Charter {
    /// How much one journal may spend face to face, with nobody else in reach, before a witness has stamped it, in points:
    /// less than the [`quota`](Self::quota), because the payee sees nobody else's word for it.
    pub const FACE_POINTS: Points = Points(30);
}

impl Default for Charter {
    fn default() -> Self {
        Self { points_per_hour: Points(10), credit_line: Points(100), quota: Points(100) }
    }
}
