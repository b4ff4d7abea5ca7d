//! Groups, joinings, resources and added categories stand in a document and pass the gate of a neighbour.

use kaifong_domain::commons::{AddedCategory, Group, Joining, Resource};
use kaifong_domain::record::Edit;
use kaifong_domain::{CategoryId, GroupId, Instant, MemberId, Refusal, ResourceId};

use super::*;
