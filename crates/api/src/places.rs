//! Where things are: the usual data folder, and the place in the interface that a link from outside leads to.

use std::path::PathBuf;

use crate::ApiError;
use crate::http::parts::{encoded, is_own_place};

/// The scheme of links that lead into the app.
pub const SCHEME: &str = "kaifong";
/// The longest invitation that a link may carry, in bytes: as much as the largest QR holds of letters and digits.
const INVITATION_BYTES_MAX: usize = 4_296;

/// Gives the data folder of who tells none: `KAIFONG_DATA`, else `kaifong` in the user's own data folder (XDG Base
/// Directory Specification).
///
/// # Errors
/// `bad-arguments` when there is no home either.
pub fn usual_data() -> Result<PathBuf, ApiError> {
    let told = std::env::var_os("KAIFONG_DATA").map(PathBuf::from);
    let shared = || std::env::var_os("XDG_DATA_HOME").map(|dir| PathBuf::from(dir).join("kaifong"));
    let home = || std::env::var_os("HOME").map(|dir| PathBuf::from(dir).join(".local/share/kaifong"));
    told.or_else(shared)
        .or_else(home)
        .ok_or_else(|| ApiError::bad_arguments("不知道数据放在哪里").hinted("加上 --data DIR"))
}

/// Gives the place in the interface that a link leads to; `None` for what is no link of ours.
///
/// * `kaifong://join/KAIFONG1…` or `kaifong://join/ABCD-EFGH-JKMN`: the page that asks to join, with this invitation.
/// * `kaifong://open/share`: a page of the interface, with nothing filled in: no question mark.
/// * `kaifong://in/BUILDING/share`: the same in that building, which the first digits of its id name, at least 8.
///
/// Anybody can make such a link, on any page: it opens a page and does nothing there.
pub fn place_of(link: &str) -> Option<String> {
    let (scheme, rest) = link.split_once("://")?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (what, rest) = rest.split_once('/')?;
    match what.to_ascii_lowercase().as_str() {
        "join" => {
            // Some systems put a slash after everything.
            let invitation = rest.strip_suffix('/').unwrap_or(rest);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let fits = !invitation.is_empty() && invitation.len() <= INVITATION_BYTES_MAX;
            let written = fits && invitation.bytes().all(plain);
            written.then(|| format!("/welcome?way=join&invitation={}", encoded(invitation)))
        }
        "open" => Some(format!("/{rest}")).filter(|place| is_plain_page(place)),
        "in" => {
            let (building, page) = rest.split_once('/').unwrap_or((rest, ""));
            let digits = building.bytes().all(|byte| byte.is_ascii_hexdigit());
            let fits = digits && (8..=64).contains(&building.len()) && is_plain_page(&format!("/{page}"));
            fits.then(|| format!("/in/{}/{page}", building.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// Whether it is a page of the interface with nothing filled in.
fn is_plain_page(place: &str) -> bool {
    is_own_place(place) && !place.contains(['?', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_one_page_and_nowhere_else() {
        let cases = [
            ("kaifong://join/KAIFONG1ABC", Some("/welcome?way=join&invitation=KAIFONG1ABC")),
            ("KAIFONG://JOIN/KAIFONG1ABC/", Some("/welcome?way=join&invitation=KAIFONG1ABC")),
            ("kaifong://join/ABCD-EFGH-JKMN", Some("/welcome?way=join&invitation=ABCD-EFGH-JKMN")),
            ("kaifong://open/points", Some("/points")),
            ("kaifong://open/points/give?to=00&n=500", None),
            ("kaifong://open/share#x", None),
            ("kaifong://open/", Some("/")),
            ("kaifong://in/5A90E1B7/deal/ab", Some("/in/5a90e1b7/deal/ab")),
            ("kaifong://in/5a90e1b7", Some("/in/5a90e1b7/")),
            ("kaifong://in/5a90e1b/share", None),
            ("kaifong://in/榕荫里榕荫里/share", None),
            ("kaifong://in/5a90e1b7/points/give?n=500", None),
            ("kaifong://in/5a90e1b7//evil.example", None),
            ("kaifong://in/../../x", None),
            ("kaifong://in/5a90e1b7/\\evil.example", None),
            ("kaifong://join/", None),
            ("kaifong://join/A&side=x", None),
            ("kaifong://join/A%26", None),
            ("kaifong://join/阿", None),
            ("kaifong://open//evil.example", None),
            ("kaifong://open/\\evil.example", None),
            ("kaifong://give/5", None),
            ("kaifong:join/A", None),
            ("https://join/A", None),
            ("", None),
        ];
        for (link, place) in cases {
            assert_eq!(place_of(link).as_deref(), place, "{link}");
        }
        let long = format!("kaifong://join/{}", "A".repeat(INVITATION_BYTES_MAX + 1));
        assert_eq!(place_of(&long), None, "longer than any invitation");
    }
}
