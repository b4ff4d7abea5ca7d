//! One seed, from founding to the last check.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Once;

use kaifong_domain::record::Profile;
use kaifong_ledger::Export;
use kaifong_node::{Command, Event};

use crate::device::Wish;
use crate::dice::Dice;
use crate::invariants::{Counts, Failure};
use crate::story::LINES_MAX;
use crate::world::{Occasion, World};

/// How long everything has to heal, in milliseconds: a few rounds of reconciling and the longest shunning.
const HEALING_MS_MAX: u64 = 20 * 60_000;
/// How often it is looked whether it has.
const LOOKED_EVERY_MS: u64 = 20_000;
/// No run takes more steps than this while it heals: what takes more does not end.
const HEALING_STEPS_MAX: u64 = 400_000;

/// A bug that is planted on purpose, to show that the simulator would find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// I1: documents never reach the founder's device, and no connection breaks for it.
    LosesDocuments,
    /// I3: a screen adds a point to the sum as soon as somebody has more than 20.
    TampersWithSum,
    /// I4: members whose devices spend the same points twice are taken for honest ones.
    CountsHostileAsHonest,
    /// I8: a screen fills in what neighbours read with what reviewers alone should.
    FillsInNames,
    /// I6: disks lie about their last commits.
    LyingDisks,
    /// I6: effects are performed before the commit.
    EffectsFirst,
}

impl Planted {
    /// Every planted bug.
    pub const ALL: [Self; 6] = [
        Self::LosesDocuments,
        Self::TampersWithSum,
        Self::CountsHostileAsHonest,
        Self::LyingDisks,
        Self::EffectsFirst,
        Self::FillsInNames,
    ];

    /// Names the invariant that it breaks.
    pub fn invariant(self) -> &'static str {
        match self {
            Self::LosesDocuments => "I1",
            Self::TampersWithSum => "I3",
            Self::CountsHostileAsHonest => "I4",
            Self::LyingDisks | Self::EffectsFirst => "I6",
            Self::FillsInNames => "I8",
        }
    }

    /// Counts the seeds from 0 on, at most `seeds_max`, until one breaks its invariant; `None` when none does.
    pub fn seeds_to_find(self, seeds_max: u64) -> Option<u64> {
        let options = Options { planted: Some(self), steps_max: None };
        let broken = |seed: &u64| run(*seed, options).failure.is_some_and(|found| found.invariant == self.invariant());
        (0..seeds_max).find(broken).map(|seed| seed + 1)
    }
}

/// How a run is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// A bug to plant.
    pub planted: Option<Planted>,
    /// How many steps the busy part may take; `None` for all.
    pub steps_max: Option<u64>,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What broke, if something did.
    pub failure: Option<Failure>,
    /// How many steps the busy part took.
    pub steps: u64,
    /// What it consisted of.
    pub counts: Counts,
    /// The hash of everything that happened: equal for equal runs.
    pub trace: [u8; 32],
    /// The story; empty unless it was asked for.
    pub story: String,
}

/// Runs one seed without a story.
pub fn run(seed: u64, options: Options) -> Outcome {
    run_told(seed, options, 0)
}

/// Runs one seed without a story, and writes out the journals that it left behind, as somebody honest holds them; `None`
/// when nobody is a member.
pub fn run_and_export(seed: u64, options: Options) -> (Outcome, Option<Export>) {
    let (outcome, world) = run_whole(seed, options, 0);
    let export = world.export();
    (outcome, export)
}

/// Runs one seed and tells all of it, whether it fails or not.
pub fn tell(seed: u64, options: Options) -> Outcome {
    run_told(seed, options, usize::MAX)
}

/// Runs one seed; a failing one is shortened and told.
pub fn run_and_tell(seed: u64, options: Options) -> Outcome {
    let outcome = run(seed, options);
    let Some(failure) = &outcome.failure else { return outcome };
    // Halve the busy part as long as the same invariant breaks.
    let mut steps = outcome.steps;
    let mut cut = steps / 2;
    while cut > 0 {
        let shorter = steps.saturating_sub(cut);
        let tried = run(seed, Options { steps_max: Some(shorter), ..options });
        if tried.failure.as_ref().is_some_and(|found| found.invariant == failure.invariant) {
            steps = shorter;
        } else {
            cut /= 2;
        }
        if steps < 32 || cut < steps / 16 {
            break;
        }
    }
    let told = run_told(seed, Options { steps_max: Some(steps), ..options }, LINES_MAX);
    if told.failure.is_some() { told } else { run_told(seed, options, LINES_MAX) }
}

fn run_told(seed: u64, options: Options, lines_max: usize) -> Outcome {
    run_whole(seed, options, lines_max).0
}

fn run_whole(seed: u64, options: Options, lines_max: usize) -> (Outcome, World) {
    let mut world = World::new(seed, options, lines_max);
    let steps = options.steps_max.unwrap_or(u64::MAX);
    let lived = quietly(AssertUnwindSafe(|| live(&mut world, steps)));
    if let Err(panic) = lived {
        world.fail("panic", || panic);
    }
    let outcome = Outcome {
        seed,
        failure: world.failure.clone(),
        steps: world.counts_steps,
        counts: world.counts,
        trace: *world.trace.finalize().as_bytes(),
        story: if lines_max > 0 { format!("{}{}", world.introduction(), world.story.text()) } else { String::new() },
    };
    (outcome, world)
}

fn live(world: &mut World, steps_max: u64) {
    world.begin();
    let until_ms = world.plan.busy_ms;
    world.live_until(until_ms, steps_max);
    world.counts_steps = world.steps;
    if world.failure.is_some() {
        return;
    }
    world.heal();
    let limit = world.steps + HEALING_STEPS_MAX;
    let mut waited_ms = 0;
    let mut apart = None;
    while waited_ms < HEALING_MS_MAX && world.failure.is_none() {
        waited_ms += LOOKED_EVERY_MS;
        world.live_until(world.now_ms + LOOKED_EVERY_MS, limit);
        if world.steps >= limit {
            return world.fail("I7", || "healing does not come to an end".into());
        }
        apart = world.disagreement();
        if apart.is_none() && waited_ms >= 2 * LOOKED_EVERY_MS {
            break;
        }
    }
    if let Some(apart) = apart {
        world.fail("I1", || format!("{} minutes after everything healed {apart}", waited_ms / 60_000));
    }
    if world.failure.is_none() {
        world.check_council(limit);
    }
    if world.failure.is_none() {
        world.check_end();
    }
}

impl World {
    fn begin(&mut self) {
        if self.options.planted == Some(Planted::LyingDisks) {
            for device in &mut self.devices {
                let faults = kaifong_store::Faults { commits_lost_by_crash: 2, ..Default::default() };
                device.store = kaifong_store::MemoryStore::with_faults(faults);
            }
        }
        for device in 0..self.devices.len() {
            self.boot(device, false);
            let wait_ms = self.dice.below(2_000);
            self.after(wait_ms, Occasion::Announce { device });
            let wait_ms = self.dice.below(self.plan.turn_ms);
            self.after(wait_ms, Occasion::Turn { device });
            if self.devices.get(device).is_some_and(|at| at.hostile) {
                self.after(60_000, Occasion::Prank { device });
            }
        }
        if self.plan.faults.every_ms > 0 {
            self.after(self.plan.faults.every_ms, Occasion::Fault);
        }
        let name = self.plan.people.first().map_or("", |person| person.name);
        let profile = Profile { name: name.into(), block: "3栋".into(), about: String::new(), place: None };
        self.command(0, Wish::Said("founds the building"), Command::Found { building: "红叶新天地".into(), profile });
        self.command(
            0,
            Wish::Invite,
            Command::Invite { valid_ms: 30 * 24 * 3_600_000, addresses: vec![crate::wiring::address(0)] },
        );
    }

    /// Has a device's person ask it for something.
    pub(crate) fn command(&mut self, device: usize, wish: Wish, command: Command) {
        let id = self.next_command();
        self.tell(|world| {
            format!(
                "{}: {} {command:?}",
                world.name(device),
                match &wish {
                    Wish::Said(said) => said,
                    Wish::Post => "posts",
                    Wish::Review(_) => "reviews",
                    Wish::Invite => "invites",
                    Wish::Sheet => "prints a sheet",
                }
            )
        });
        let Some(at) = self.device(device).filter(|at| at.is_up()) else { return };
        at.wishes.insert(id, wish);
        self.remember_member(device);
        self.remember_letter(device, &command);
        self.deliver(device, Event::Command { id, command });
    }

    fn introduction(&self) -> String {
        let hostile: Vec<&str> = self.devices.iter().filter(|at| at.hostile).map(|at| at.name.as_str()).collect();
        let hostile = if hostile.is_empty() { "nobody".into() } else { hostile.join(", ") };
        format!(
            "seed {}: {} people, {} devices; hostile: {hostile}; faults: {:?}\n",
            self.plan.seed,
            self.plan.people.len(),
            self.devices.len(),
            self.plan.faults
        )
    }
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static QUIET: RefCell<bool> = const { RefCell::new(false) };
}

/// Runs something whose panic is a finding and not the end of the process.
fn quietly<T>(run: AssertUnwindSafe<impl FnOnce() -> T>) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.with(|quiet| *quiet.borrow()) {
                LAST_PANIC.with(|last| *last.borrow_mut() = Some(info.to_string()));
            } else {
                before(info);
            }
        }));
    });
    QUIET.with(|quiet| *quiet.borrow_mut() = true);
    let result = std::panic::catch_unwind(run);
    QUIET.with(|quiet| *quiet.borrow_mut() = false);
    result.map_err(|_| LAST_PANIC.with(|last| last.borrow_mut().take()).unwrap_or_default())
}
