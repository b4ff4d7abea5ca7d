//! The installation's own rows: which buildings it holds. All others are asked of one building.

use crate::dto::{
    Brought, FollowerArgs, Followers, Forgotten, Home, HomeArgs, Homes, LockNote, NoArgs, PinArgs, RefoundArgs,
    RefoundingArgs, RemoveLockArgs, Saved, SetLockArgs, SheetArgs, Touched,
};
use crate::schema::{RowSchema, Schemas};
use crate::table::Row;

macro_rules! rows {
    ($($(#[doc = $doc:literal])+ $name:ident($args:ty) -> $result:ty [$is_command:literal];)+) => {
        /// The installation's rows as types.
        #[allow(non_camel_case_types)]
        pub mod rows {
            use super::*;

            $($(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Row for $name {
                const NAME: &'static str = stringify!($name);
                const IS_COMMAND: bool = $is_command;
                type Args = $args;
                type Result = $result;
            })+
        }

        /// The names of the installation's rows.
        pub const NAMES: &[&str] = &[$(<rows::$name as Row>::NAME),+];

        pub(crate) fn row_schemas(schemas: &mut Schemas) -> (Vec<RowSchema>, Vec<RowSchema>) {
            let rows = vec![$((schemas.row::<rows::$name>(&[$($doc),+], &[]), $is_command)),+];
            let (commands, queries): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, is_command)| *is_command);
            let plain = |rows: Vec<(RowSchema, bool)>| rows.into_iter().map(|(row, _)| row).collect();
            (plain(commands), plain(queries))
        }
    };
}

rows! {
    /// Makes room for one more building on this device, with a key and a store of its own; room that is free is given again.
    add_home(NoArgs) -> Home [true];
    /// Looks at a building no longer: its folder is moved aside, and nothing of it is deleted.
    forget_home(HomeArgs) -> Forgotten [true];
    /// Founds a building in the place of one that can never decide again, and tells the old one.
    refound(RefoundArgs) -> Home [true];
    /// Follows into a building that was founded anew: says so in the old one, and knocks at the new one.
    follow(RefoundingArgs) -> Home [true];
    /// Certifies somebody who follows, on the strength of their certificate in the old building.
    admit_follower(FollowerArgs) -> Saved [true];
    /// Posts one's own open offers and needs of the old building in the new one.
    bring_over(RefoundingArgs) -> Brought [true];
    /// Sets or changes the PIN that screens ask for, and after how long; programs need not tell the one that is set.
    set_lock(SetLockArgs) -> Saved [true];
    /// Takes the PIN off; programs need not tell it.
    remove_lock(RemoveLockArgs) -> Saved [true];
    /// Opens the screen that asks, by the PIN.
    unlock(PinArgs) -> Saved [true];
    /// Takes the PIN off by one's recovery sheet.
    unlock_by_sheet(SheetArgs) -> Saved [true];
    /// Locks every screen, the one that asks too; a locked one cannot.
    lock_now(NoArgs) -> Saved [true];
    /// Says that somebody has touched the screen that asks.
    touch(NoArgs) -> Touched [true];
    /// Tells how the screen that asks stands to the lock.
    lock(NoArgs) -> LockNote [false];
    /// Lists who follows into a building that is on this device.
    followers(RefoundingArgs) -> Followers [false];
    /// Lists the buildings on this device.
    homes(NoArgs) -> Homes [false];
}
