//! What the window is started with.

use std::ffi::OsString;
use std::path::PathBuf;

use kaifong_api::places::place_of;
use kaifong_api::usual_data;

/// What the window is started with: by a person, by the system at log-in, or by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Interfaces to use; `None` for all that fit a LAN.
    pub(crate) interfaces: Option<Vec<String>>,
    /// No window at first: syncing in the background.
    pub(crate) hidden: bool,
    /// Where to go.
    pub(crate) place: Option<String>,
}

impl Launch {
    /// Reads `[--data DIR] [--interface NAME]… [--hidden] [kaifong://…]`. The system puts a link there as it is; one that is
    /// not ours opens the window and leads nowhere.
    ///
    /// # Errors
    /// A sentence about what cannot be understood.
    pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let (mut data, mut interfaces, mut hidden, mut place) = (None, Vec::new(), false, None);
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = |name: &str| arguments.next().ok_or_else(|| format!("{name} 后面要写上"));
            match argument.to_str() {
                None => return Err(format!("看不懂 {}", argument.display())),
                Some("--data") => data = Some(PathBuf::from(value("--data")?)),
                Some("--interface") => interfaces.push(value("--interface")?.to_string_lossy().into_owned()),
                Some("--hidden") => hidden = true,
                Some(link) if link.contains(':') && !link.starts_with('-') => place = place_of(link).or(place),
                _ => return Err(format!("看不懂 {}", argument.display())),
            }
        }
        let data = match data {
            Some(data) => data,
            None => usual_data().map_err(|error| error.to_string())?,
        };
        Ok(Self { data, interfaces: (!interfaces.is_empty()).then_some(interfaces), hidden, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Launch, String> {
        Launch::read(["--data", "/tmp/li"].iter().chain(arguments).map(OsString::from))
    }

    #[test]
    fn a_link_a_folder_and_the_background_are_understood() {
        let plain = Launch { data: "/tmp/li".into(), interfaces: None, hidden: false, place: None };
        let leads = |place: &str| Launch { place: Some(place.into()), ..plain.clone() };
        let cases = [
            (vec![], plain.clone()),
            (vec!["--hidden"], Launch { hidden: true, ..plain.clone() }),
            (vec!["--interface", "lo"], Launch { interfaces: Some(vec!["lo".into()]), ..plain.clone() }),
            (vec!["kaifong://join/ABCD-EFGH-JKMN"], leads("/welcome?way=join&invitation=ABCD-EFGH-JKMN")),
            (vec!["kaifong://give/5"], plain.clone()),
            (vec!["https://evil.example/"], plain.clone()),
            (vec!["kaifong:join/A"], plain.clone()),
        ];
        for (arguments, launch) in cases {
            assert_eq!(read(&arguments), Ok(launch), "{arguments:?}");
        }
        for wrong in [vec!["--data"], vec!["--fast"], vec!["extra"]] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
    }
}
