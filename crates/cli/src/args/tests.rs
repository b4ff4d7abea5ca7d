use super::*;

#[test]
fn the_command_line_is_sound() {
    <Cli as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn a_port_needs_no_rights() {
    assert_eq!((port("0"), port("1024"), port("65535")), (Ok(0), Ok(1_024), Ok(65_535)));
    for wrong in ["", "80", "-1", "65536", "http"] {
        assert!(port(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn who_does_not_wait_names_no_network() {
    let join = ["kaifong", "join", "ABCD", "--name", "马乐", "--household", "1栋", "--real-name", "马乐"];
    let options: [&[&str]; 5] =
        [&["--bind", "127.0.0.1:0"], &["--interface", "lo"], &["--no-lan"], &["--relay", "http://r"], &["--keychain"]];
    assert!(Cli::try_parse_from(join).is_ok());
    for option in options {
        let typed = || join.iter().chain(option);
        let refused = Cli::try_parse_from(typed()).unwrap_err();
        assert_eq!(refused.kind(), clap::error::ErrorKind::MissingRequiredArgument, "{option:?}");
        assert!(Cli::try_parse_from(typed().chain(&["--wait", "5"])).is_ok(), "{option:?}");
        assert!(Cli::try_parse_from(["kaifong", "run"].iter().chain(option)).is_ok(), "{option:?}");
    }
}

#[test]
fn a_draft_names_members_with_their_posts_and_roles_and_changes_something() {
    let draft = |typed: &[&str]| match Cli::try_parse_from(["kaifong", "draft"].iter().chain(typed)) {
        Ok(Cli { command: Command::Draft(args), .. }) => Ok(args),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.kind()),
    };
    let typed = ["--seat", "9c41=lead", "--seat", "8be4=居民代表", "--grant", "8be4=reviewer", "--quota", "50"];
    let args = draft(&typed).unwrap();
    assert_eq!(args.seats, [("9c41".to_owned(), Post::Lead), ("8be4".to_owned(), Post::Residents)]);
    assert_eq!((args.granted, args.withdrawn.len()), (vec![("8be4".to_owned(), Role::Reviewer)], 0));
    assert_eq!((args.quota, args.credit_line), (Some(50), None));
    assert_eq!(draft(&[]).unwrap_err(), clap::error::ErrorKind::MissingRequiredArgument);
    for wrong in ["9c41", "9c41=mayor", "=", "9c41="] {
        assert_eq!(draft(&["--seat", wrong]).unwrap_err(), clap::error::ErrorKind::ValueValidation, "{wrong}");
    }
    assert_eq!(draft(&["--quota", "many"]).unwrap_err(), clap::error::ErrorKind::ValueValidation);
}

#[test]
fn a_duration_is_a_number_and_a_unit() {
    for (text, seconds) in [("90s", 90), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)] {
        assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
    }
    for wrong in ["", "7", "d", "-1d", "7 d", "7天", "99999999999999999999d", "1000000w"] {
        assert!(duration(wrong).is_err(), "{wrong}");
    }
}
