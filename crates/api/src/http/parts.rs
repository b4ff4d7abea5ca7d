//! What hyper leaves to us: cookies, query strings and paths. Foreign bytes in, no panic out.

/// Gives every value of a cookie in a `Cookie` header (RFC 6265); a browser may hold several of one name.
pub fn cookies<'a>(header: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
    pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value)
}

/// Gives the first value of a name in a query string, decoded; `None` also when it cannot be decoded.
pub fn query(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    decoded(value)
}

/// Gives a text whose `%xx` are bytes; `None` when that is not UTF-8 or a `%` stands alone. A plus is a plus.
pub fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.as_bytes().split_at_checked(2)?;
        bytes.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?);
        bytes.extend_from_slice(rest);
    }
    String::from_utf8(bytes).ok()
}

/// Gives the path as `%xx` text for a query's value.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The longest place that a link leads to, in bytes: one may carry an invitation.
const PLACE_BYTES_MAX: usize = 8 * 1024;

/// Whether a text is a path of this same origin, and nothing that a browser could read as another one.
pub fn is_own_place(text: &str) -> bool {
    let begins = text.starts_with('/') && !text.starts_with("//");
    begins && text.len() <= PLACE_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Gives the file that a request's path names, without its first slash; `None` for what names none: empty, hidden and
/// climbing parts, backslashes, control characters, however they are encoded.
pub fn file_name(path: &str) -> Option<String> {
    let name = decoded(path.strip_prefix('/')?)?;
    let fine = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(|c: char| c == '\\' || c.is_control())
    };
    name.split('/').all(fine).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let header = "a=1; kaifong_80=x;kaifong_8=one; \tkaifong_8=two=2 ;novalue; kaifong_8";
        assert_eq!(cookies(header, "kaifong_8").collect::<Vec<_>>(), ["one", "two=2"]);
        assert_eq!(cookies("", "a").count(), 0);
    }

    #[test]
    fn a_query_is_read_as_browsers_write_it() {
        let text = "t=ab&to=%2Fdeals%2f%E6%A2%AF&t=cd&bad=%zz&cut=%4&flag";
        assert_eq!(query(text, "t").as_deref(), Some("ab"));
        assert_eq!(query(text, "to").as_deref(), Some("/deals/梯"));
        assert_eq!(query(text, "flag").as_deref(), Some(""));
        for absent in ["bad", "cut", "none", ""] {
            assert_eq!(query(text, absent), None, "{absent}");
        }
    }

    #[test]
    fn only_own_places_are_led_to() {
        for own in ["/", "/deals/ab", "/desk?side=left#top", "/%E6%A2%AF"] {
            assert!(is_own_place(own), "{own}");
        }
        let long = format!("/{}", "a".repeat(PLACE_BYTES_MAX));
        for other in [
            "",
            "desk",
            "//evil.example",
            "/\\evil.example",
            "\\/evil",
            "https://evil.example",
            "/\t/evil",
            "/a b",
            "/\r\nSet-Cookie:x",
            &long,
        ] {
            assert!(!is_own_place(other), "{other:?}");
        }
    }

    #[test]
    fn a_path_cannot_climb() {
        assert_eq!(file_name("/_app/immutable/a.js").as_deref(), Some("_app/immutable/a.js"));
        for wrong in [
            "",
            "/",
            "a",
            "/../etc/passwd",
            "/_app/../../x",
            "/%2e%2e/x",
            "/%2E%2e%2fx",
            "/..%2fx",
            "/a//b",
            "/a/",
            "/.git/config",
            "/a%00b",
            "/a\\..\\b",
            "/a%5c..%5cb",
            "/%",
            "/%e6",
        ] {
            assert_eq!(file_name(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_not_and_nothing_breaks(text in ".{0,200}", name in "[a-z_0-9]{0,12}") {
            let found: Vec<&str> = cookies(&text, &name).collect();
            let stands = found.iter().all(|value| text.contains(&format!("{name}={value}")));
            prop_assert!(stands, "{:?}", found);
            let _ = (query(&text, &name), decoded(&text), is_own_place(&text));
            if let Some(file) = file_name(&text) {
                let climbs = std::path::Path::new(&file).components().any(|part| !matches!(part, std::path::Component::Normal(_)));
                prop_assert!(!climbs, "{}", file);
            }
        }

        #[test]
        fn what_was_written_is_read(name in "[a-z]{1,9}", value in ".{0,60}", token in "[0-9a-f]{1,64}") {
            let text = format!("0=1&{name}={}&y", encoded(&value));
            let read = query(&text, &name);
            prop_assert_eq!(read.as_deref(), Some(value.as_str()));
            let header = format!("0=1; {name}={token}");
            prop_assert_eq!(cookies(&header, &name).next(), Some(token.as_str()));
        }
    }
}
