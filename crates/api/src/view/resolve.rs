//! Shortened ids.

use kaifong_domain::Refusal;
use kaifong_node::Node;

use super::View;
use crate::ApiError;
use crate::dto::{IdKind, ResolveArgs, Resolved};

/// The fewest digits that a shortened id may have.
const DIGITS_MIN: usize = 4;
/// How many candidates are named when several begin alike.
const NAMED_MAX: usize = 5;

/// Finds the one id that begins with these digits.
///
/// # Errors
/// `bad-arguments` for too few digits or several ids; the kind's own `…-unknown` for none.
pub(crate) fn resolve(node: &Node, args: &ResolveArgs) -> Result<Resolved, ApiError> {
    let prefix = args.prefix.trim().to_ascii_lowercase();
    if prefix.len() < DIGITS_MIN || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::bad_arguments(format_args!("编号要写出至少前 {DIGITS_MIN} 位十六进制数字")));
    }
    let view = View::of(node)?;
    let board = view.home.board();
    let (ids, none): (Vec<String>, Refusal) = match args.what {
        IdKind::Listing => (board.listings().map(|row| row.listing.id.to_string()).collect(), Refusal::ListingUnknown),
        IdKind::Deal => (board.deals().map(|row| row.id.to_string()).collect(), Refusal::DealUnknown),
        IdKind::Member => (view.member_ids().collect(), Refusal::MemberUnknown),
        IdKind::Matter => {
            let keys = board.hall().keys().into_iter();
            (keys.map(|(_, id)| id.to_string()).collect(), Refusal::MatterUnknown)
        }
        IdKind::Device => {
            let waiting = super::people::waiting_devices(node).map(|device| device.to_string());
            (view.device_ids().chain(waiting).collect(), Refusal::RequestUnknown)
        }
    };
    one(ids, &prefix, none)
}

fn one(mut ids: Vec<String>, prefix: &str, none: Refusal) -> Result<Resolved, ApiError> {
    ids.retain(|id| id.starts_with(prefix));
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [] => Err(none.into()),
        [id] => Ok(Resolved { id: id.clone() }),
        several => {
            let named: Vec<_> = several.iter().take(NAMED_MAX).map(String::as_str).collect();
            let error = ApiError::bad_arguments(format_args!("{} 个编号以 {prefix} 开头", several.len()));
            Err(error.hinted(format!("多写几位：{}", named.join("、"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_id_stands_for_one_or_is_refused() {
        let ids = || vec!["abcd11".to_owned(), "abcd22".to_owned(), "ef0011".to_owned(), "ef0011".to_owned()];
        assert_eq!(one(ids(), "ef00", Refusal::DealUnknown).unwrap().id, "ef0011");
        let several = one(ids(), "abcd", Refusal::DealUnknown).unwrap_err();
        assert_eq!(several.code.as_str(), "bad-arguments");
        assert!(several.hint.unwrap().contains("abcd11"));
        assert_eq!(one(ids(), "9999", Refusal::DealUnknown).unwrap_err().code.as_str(), "deal-unknown");
    }
}
