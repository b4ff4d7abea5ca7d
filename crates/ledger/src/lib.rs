//! Points: zero-sum mutual credit as a fold over journals. Pure: no clock, no randomness, no I/O.
//!
//! [`Ledger::add`] takes admitted entries one by one, in any causal order, and the state is a function of their set. It
//! can be, because an entry is judged by its causal past alone: by its own branch and by what it cites by hash, all of
//! which was added before it. Nothing that arrives later is ever asked, so nothing that was counted is un-counted. An
//! account has one owner, so no consensus is needed as long as the owner signs one line (Guerraoui et al., *The consensus
//! number of a cryptocurrency*, 2019); an owner who forks is caught by the hash chain, and keeping every branch keeps the
//! replicas equal whatever they do (Kleppmann and Howard, *Byzantine eventual consistency*, 2020); and each journal spends
//! rights that it holds itself, the bounded counter of Balegas et al. (*Extending eventually consistent cloud databases
//! for enforcing numeric invariants*, 2015), so an honest balance keeps its lower bound with no network at all.
//!
//! # To be read in this order
//! 1. [`Outcome`] and what stands below it: every way in which an entry has no effect, in the order of asking.
//! 2. `rules.rs`: the rules, as questions about one entry that would follow a tip. The fold asks them of entries that
//!    exist, [`Ledger::check_accept`] and [`Ledger::check_transfer`] of entries that a device is about to sign.
//! 3. `fold.rs`: what each entry changes; `fund.rs` and `succession.rs`: the community fund's part and that of journals that
//!    are handed over. 4. `tree.rs`: branches, running
//!    totals, ancestors in logarithmic time. 5. `view.rs`: what others ask. Beside them: `export.rs` for other counters,
//!    `places.rs` and `few.rs` to save memory.
//!
//! # The rules, and where each is tested
//! All of J3, J4, L1 to L5 and L7 together: `recount::*` has random histories counted again by a program that shares no code
//! with this one, and `model::every_interleaving…` walks through every order of a small quarrel (I3, I4, I5 and the bound).
//!
//! **J3** Two entries in one place are a fork; both stay. `rules::two_entries_in_one_place…`,
//! `attacks::a_comb_of_forks…`.
//!
//! **J4** A stamp is a witness's word on *another* device's journal: (journal, seq, hash, rights). It is a stamp if its
//! signer is a witness in the epoch that its own entry names. It takes effect where the journal cites it
//! ([`NotCited`] lists when it does not), and its figure counts as given: a false one is proof against the witness, and
//! honest devices neither repeat nor cite it. `refusals::a_citation…`, `rules::a_false_stamp…`, `views::a_witness_stamps…`,
//! `views::nobody_stamps…`.
//!
//! **L1** The entries are transfer, accept, decline, and reclaim. *Reclaim* is needed because a decline lies in another
//! journal: when exactly a payer's rights come back must be a fact of the payer's own chain, or it would depend on
//! arrival. It gives the rights back, once for each transfer, and not the quota. A transfer to the journal that signs it
//! is malformed; one to another journal of the same member moves rights and no balance. `rules::a_declined_transfer…`,
//! `rules::moving_rights…`, `refusals::a_reclaim…`, `refusals::a_decline…`.
//!
//! **The fund** (L2, L4) is an account whose rights epochs give and that pays by grants; the exact rules stand in `fund.rs`,
//! and each is a line of `fund::a_grant_is_covered…` or `fund::a_second_word…`. Figures: `fund::what_epochs_give…`; reasons:
//! `fund::one_occasion_counts_once…`; what two treasurers and one who cheats can do: `fund::a_treasurer_who_forks…`,
//! `fund::two_treasurers…`, `fund::a_fund_grants_no_more…`.
//!
//! **L2** A member's first journal (nonce 0, opened by the genesis or a certificate) starts with the credit line of the
//! epoch that the certifying entry names; the certificate is its first stamp. Every other journal starts with nothing and
//! is opened by a stamp: until it has cited one it can accept, and nothing that it pays is covered. Honest witnesses open
//! [`FURTHER_JOURNALS_MAX`] for one member. `opening::*`, `attacks::phones_that_no_witness…`.
//!
//! **L3** A transfer is covered iff, from its branch's newest cited stamp on, this transfer included, rights never fell
//! below zero and outgoing transfers add up to at most the quota. The quota is that of the epoch which the transfer's own
//! entry names: what its device knew, and nothing that could arrive later. An uncovered transfer lowers the figures all
//! the same; a malformed one moves nothing. `refusals::a_transfer_is_covered…`, `refusals::a_device_is_told…`,
//! `rules::rights_that_recovered…`, `rules::the_quota_is…`, `rules::a_stamp_that_is_cited…`.
//!
//! **L4** An accept counts iff its transfer is covered, names this journal, and this branch has not already accepted it,
//! declined it, accepted its reason, or accepted a transfer of the same payer's journal that is neither above nor below it.
//! Only accepts that count stand in the way of later ones. `refusals::an_accept_counts…` has a line for each
//! [`NotCounted`].
//!
//! **L5** A balance sums distinct transfers with a counted accept, each once; so the sum over all accounts is zero. A
//! branch's figures and a counted accept never change. `rules::a_transfer_accepted_on_two_branches…`, and `histories::*` for
//! thousands of random histories in random causal orders and one small quarrel in all of them.
//!
//! **L6** What an honest device does is asked here and done by the node: [`Ledger::check_transfer`] before paying,
//! [`Ledger::check_accept`] and [`Ledger::is_forked`] before accepting, [`Ledger::stamp_for`] before stamping,
//! [`Ledger::newest_stamp`] before citing. These may use all that is known, later proofs included, because they decide
//! what is signed and never what counts. That whoever keeps to them never overdraws is `histories::the_sum_is_zero…`.
//!
//! **L7** Two reviewers name the last entry of a closed journal that its member answers for, and the journal of the same
//! member that goes on; that entry's rights move there, once. What the closed journal still spends is booked to the fund. The
//! exact rules stand in `succession.rs`; each refusal is a line of `succession::what_inherits…`. What moves:
//! `succession::what_a_lost_phone…`; once: `succession::a_word_is_good_once…`, `succession::from_two_branches…`; the fund's
//! loss: `succession::what_the_closed_journal…`, `succession::whom_two_pairs…`; in any order: `succession::all_causal…`.
//!
//! # What a cheat can still win
//! Without stamps, an honest journal holds at most the quota of each forged journal: `attacks::two_colluders…` and `attacks::with_three_phones…` (300 points
//! in three honest journals, where an earlier draft lost 100,000), `histories::without_stamps…`. Each partition with a
//! witness of its own lets stamped rights be spent once more: `attacks::a_partition…`. The simulator measures what cheats
//! have won in each building and fails beyond this bound; the figures are in `docs/decisions/0028-ledger-proofs.md`.
//!
//! A treasurer who forks wins the fund's quota for each journal that takes from a branch, and besides that each line of a
//! list that somebody else has agreed to, once, even where the budget was less than the list:
//! `fund::a_treasurer_who_forks…` (twice). It is the fund that loses: its balance falls below what it was given, in plain
//! sight.
//!
//! Two reviewers who collude can name an entry far below where a neighbour's journal stands, or several successors: the fund
//! bears what lies beyond, and a million at most for each further word. Both words lie there as proof, as a false stamp does.
//! `succession::whom_two_pairs…`, `succession::a_false_stamp…`.
//!
//! A payee who shows the payer a decline and keeps an accept on a hidden branch takes what it declined, and the payer, who
//! has reclaimed and perhaps spent it, falls below the line by at most that. No rule over the causal past can prevent it:
//! the hidden accept cites only the transfer. It leaves a fork as proof, an honest payer no longer reclaims once it knows,
//! and what it has reclaimed by then is [`Standing::contested`] and is left unspent.
//! `attacks::a_payee_who_declines_to_the_payers_face…`.
//!
//! # What is taken for granted
//! That the journals admitted the entry: signature, building, the journal's id and device, a certifier with authority, a
//! founder who founded. A missing predecessor or citation is an [`Outcome::Orphan`] all the same. That [`Rights`] always
//! gives the same answer about the same epoch.
//!
//! Overflow cannot happen in what devices sign: a transfer carries at most 10^6 points and places are 32 bits wide, so no
//! total exceeds 2^32 · 10^6 < 2^53. Only a stamp can bring in a greater number; its additions saturate.

mod export;
mod few;
mod fold;
mod fund;
mod outcome;
mod rules;
mod succession;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod view;

pub use export::{Export, export};
pub use fold::{Ledger, Rights};
pub use fund::{may_second, needs_second};
pub use outcome::{Effect, NotCited, NotCounted, NotInherited, NotReclaimed, Outcome, Uncovered};
pub use succession::{Legacy, Word};
pub use view::{Direction, FURTHER_JOURNALS_MAX, Line, LineState, Standing, TransferRow};
