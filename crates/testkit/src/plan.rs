//! What one seed is about: who lives in the building, with which devices, and what goes wrong.

use rand_chacha::ChaCha8Rng;

use crate::dice::Dice;

/// The most members of a simulated building, the desk included.
pub const MEMBERS_MAX: usize = 12;
/// The most devices in it.
pub const DEVICES_MAX: usize = 20;

const NAMES: [&str; MEMBERS_MAX] =
    ["陈姨", "肖阿姨", "马乐", "李叔", "王姐", "周伯", "小林", "阿芳", "何师傅", "刘老师", "唐妹", "徐工"];
const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;

/// One household, organisation or desk.
#[derive(Clone, Debug)]
pub struct Person {
    /// As the story calls them.
    pub name: &'static str,
    /// How many devices they come to own, 1 to 3.
    pub devices: usize,
    /// Whether they are the desk, which is to be a witness.
    pub desk: bool,
    /// Whether they are to become a reviewer besides the founder.
    pub reviewer: bool,
    /// Whether their devices break the rules.
    pub hostile: bool,
}

/// How one device's clock is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// By how much it is ahead at the start, in milliseconds.
    pub ahead_ms: i64,
    /// How much it gains, in parts per million.
    pub drift_ppm: i64,
}

/// How often what goes wrong, in thousandths unless it says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The connection breaks at a frame.
    pub loss: u32,
    /// The largest delay of a frame, in milliseconds.
    pub delay_ms_max: u64,
    /// Chance that an event waits for the next ones before its commit.
    pub grouping: u32,
    /// Chance that a commit fails, before or after it is durable.
    pub commit: u32,
    /// Chance that a device dies between commit and effects.
    pub between: u32,
    /// The mean time from one of the faults below to the next, in milliseconds; 0 for none.
    pub every_ms: u64,
    /// Weight: the building falls apart into groups, or comes together.
    pub partition: u32,
    /// Weight: a phone sleeps.
    pub sleep: u32,
    /// Weight: a device loses power.
    pub crash: u32,
    /// Weight: a disk is full for a while.
    pub full: u32,
    /// Weight: a device goes on from an older image of its disk.
    pub rollback: u32,
    /// Weight: a store is lost as a whole.
    pub lost: u32,
    /// Weight: a phone is lost for good.
    pub gone: u32,
    /// Weight: nothing happens for hours, or for a month.
    pub night: u32,
}

/// One seed's building.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// Its people; the first is the founder.
    pub people: Vec<Person>,
    /// One clock for each device, in order of people.
    pub clocks: Vec<Clock>,
    /// Whether the founder hands over to a council.
    pub council: bool,
    /// Whether people lose devices more often, close them, come back with another one, and reviewers come and go.
    pub changing: bool,
    /// Whether people move out and erase what they have said.
    pub moving: bool,
    /// Whether there is a community fund, with two treasurers.
    pub funded: bool,
    /// What goes wrong.
    pub faults: Faults,
    /// How long people are busy, in milliseconds.
    pub busy_ms: u64,
    /// The mean time between two things that one device's person does, in milliseconds.
    pub turn_ms: u64,
}

impl Plan {
    /// Draws the plan of one seed.
    pub fn draw(seed: u64, dice: &mut ChaCha8Rng) -> Self {
        // Not drawn: the other seeds play as they always did.
        let changing = seed % 4 == 1;
        let members = dice.between(2, MEMBERS_MAX as u64).min(dice.between(2, MEMBERS_MAX as u64)) as usize;
        let has_desk = members > 2 && dice.chance(800);
        let hostile_any = members > 3 && dice.chance(400);
        let mut people: Vec<Person> = NAMES
            .iter()
            .take(members)
            .enumerate()
            .map(|(place, name)| Person {
                name,
                devices: 1,
                desk: false,
                reviewer: place > 0 && dice.chance(if changing { 400 } else { 150 }),
                hostile: hostile_any && place > 1 && dice.chance(300),
            })
            .collect();
        // A building that is to have somebody hostile has.
        if hostile_any && let Some(last) = people.last_mut() {
            last.hostile = true;
        }
        if has_desk && let Some(desk) = people.get_mut(1) {
            *desk = Person { name: "共享间", devices: 1, desk: true, reviewer: false, hostile: false };
        }
        let mut devices = members;
        for person in people.iter_mut().filter(|person| !person.desk) {
            let more = if dice.chance(if changing { 700 } else { 250 }) { dice.between(1, 2) as usize } else { 0 };
            let more = more.min(DEVICES_MAX - devices);
            person.devices += more;
            devices += more;
        }
        let clocks = (0..devices).map(|_| draw_clock(dice)).collect();
        let mut faults = draw_faults(dice);
        if changing {
            faults.gone += 8;
        }
        let council = members >= 3 && dice.chance(600);
        Self {
            seed,
            people,
            clocks,
            council,
            // Not drawn: the other seeds play as they always did.
            moving: seed.is_multiple_of(4),
            changing,
            funded: seed % 4 == 3,
            faults,
            // A council takes its time, and so does a new phone.
            busy_ms: dice.between(4, 12) * if council || changing || seed % 4 == 3 { 150_000 } else { 60_000 },
            turn_ms: dice.between(15, 60) * 1000,
        }
    }

    /// Gives the owner of each device, in order: everybody's first devices, then the further ones.
    pub fn owners(&self) -> Vec<usize> {
        let firsts = 0..self.people.len();
        let further = self
            .people
            .iter()
            .enumerate()
            .flat_map(|(place, person)| std::iter::repeat_n(place, person.devices.saturating_sub(1)));
        firsts.chain(further).collect()
    }
}

fn draw_clock(dice: &mut ChaCha8Rng) -> Clock {
    let ahead_ms = match dice.below(10) {
        0 => 2 * YEAR_MS,
        1 => -2 * YEAR_MS,
        2 | 3 => dice.between(0, 7_200_000).cast_signed() - 3_600_000,
        _ => dice.between(0, 4_000).cast_signed() - 2_000,
    };
    Clock { ahead_ms, drift_ppm: dice.between(0, 400).cast_signed() - 200 }
}

fn draw_faults(dice: &mut ChaCha8Rng) -> Faults {
    // Every fifth building has good days only: what fails there fails without help.
    if dice.chance(200) {
        return Faults { delay_ms_max: dice.between(1, 50), ..Faults::default() };
    }
    let mut some = |most: u64| if dice.chance(600) { dice.below(most + 1) as u32 } else { 0 };
    Faults {
        loss: some(20),
        grouping: some(700),
        commit: some(15),
        between: some(10),
        partition: some(10),
        sleep: some(10),
        crash: some(10),
        full: some(5),
        rollback: some(3),
        lost: some(2),
        gone: some(2),
        night: some(2),
        delay_ms_max: 5 * 10_u64.pow(some(3)),
        every_ms: 1_000 * u64::from(10 + some(110)),
    }
}
