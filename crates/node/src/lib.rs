//! One device's part in one building: the event loop that holds everything together.
//!
//! [`Node`] is a state machine: one [`Event`] in, writes and [`Effect`]s out ([`Step`]). It reads the store and its own
//! generator of randomness and nothing else; time comes with the events. The real loop ([`Handle`]) and the simulator
//! drive the same code.
//!
//! The order is always the same: *writes first, effects after they are durable*. So a reply means "saved", and no
//! neighbour ever hears of an entry that a power cut could take back.

mod activity;
mod audit;
mod books;
mod care;
mod commons;
mod confided;
mod council;
mod deciding;
mod dispute;
mod documents;
mod event;
mod face;
mod family;
mod fund;
mod guest;
mod hall;
mod handing_over;
mod holdings;
mod home;
mod intake;
mod invites;
mod keeper;
mod kept;
mod keys;
mod kin;
mod letters;
mod life;
mod links;
mod loans;
pub mod matches;
mod node;
mod own_devices;
mod peers;
mod phones;
mod places;
mod publish;
mod questions;
mod recurring;
mod refounding;
mod register;
#[cfg(test)]
mod room;
mod runner;
mod settle;
mod sharing;
mod shop;
mod slips;
mod space;
mod strangers;

pub use activity::{ActivityCommand, ActivityDraft, Class};
pub use audit::Audit;
pub use books::{BOOKS_MAX, Book, BookCommand, Enrolment, Heard, Visit};
pub use care::{
    CareCommand, DriveDraft, IntroductionRow, IntroductionStage, Message, Note, REPORT_MESSAGES_MAX, Report, Shown,
};
pub use commons::CommonsCommand;
pub use confided::{Complaint, ComplaintAnswer, Opening};
pub use council::EpochDraft;
pub use deciding::UnitMember;
pub use dispute::{DisputeCommand, Owed};
pub use documents::Documents;
pub use event::{Application, Command, Done, Draft, Effect, Event, NodeError, Tag, Tags, Way};
pub use face::Face;
pub use family::{FamilyCommand, PassDraft, PassRow, Ticked, VisitRow};
pub use fund::{FundCommand, FundDraft, Listed, Occasions};
pub use guest::ApplicationState;
pub use hall::{HallCommand, Speakers, Speaking, Voice};
pub use handing_over::{OwnJournal, Stranded};
pub use home::Home;
pub use invites::CameBy;
pub use keeper::{building_beside, is_data_folder};
pub use kept::KeptCommand;
pub use keys::{KeyPlace, KeychainError};
pub use kin::{KIN_MAX, KinStand};
pub use letters::{Asked, WaitingRequest};
pub use links::{Peer, RECONCILE_EVERY_MS};
pub use loans::LoanCommand;
pub use node::{Node, Past, Step, building_tag};
pub use own_devices::Told;
pub use phones::PhoneStand;
pub use places::{BlockDraft, ZoneDraft};
pub use questions::QUESTIONS_MAX;
pub use recurring::{RecurringCommand, RecurringDraft};
pub use runner::{Handle, OpenError, Options, now};
pub use shop::{GoodDraft, OrderRow, ShopCommand};
pub use slips::{BLANKS_MAX, SlipCommand};
pub use space::SpaceCommand;

// What the rows of the table are made from; the crates above import the node and the domain only.
pub use kaifong_ledger as ledger;
pub use kaifong_matching as matching;
pub use kaifong_net as net;
pub use kaifong_register as register_of_units;
pub use kaifong_store as store;
pub use kaifong_sync::face as faces;
pub use kaifong_sync::pickup as pickups;
pub use kaifong_trust as trust;
