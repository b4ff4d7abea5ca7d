//! Every link between the pages leads somewhere.

use std::path::{Component, Path, PathBuf};

use kaifong_tests::repo;

use crate::none;

#[test]
fn links_in_the_pages_resolve() {
    let files = repo::files().unwrap();
    let mut faults = Vec::new();
    for page in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "md")) {
        for link in links(&repo::read(page).unwrap()) {
            if let Err(why) = resolve(page, &link) {
                faults.push(format!("{}: {link}: {why}", page.display()));
            }
        }
    }
    none(faults);
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let files = repo::files().unwrap();
    let mut waiting = vec![PathBuf::from("README.md")];
    let mut reached = Vec::new();
    while let Some(page) = waiting.pop() {
        let inside = links(&repo::read(&page).unwrap_or_default());
        reached.push(page.clone());
        let targets = inside.iter().map(|link| target(&page, link)).filter(|path| path.extension().is_some());
        let fresh: Vec<PathBuf> = targets.filter(|path| !reached.contains(path)).collect();
        waiting.extend(fresh.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "md")));
    }
    let pages = files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "md"));
    let lost = pages.filter(|path| !reached.contains(path));
    none(lost.map(|path| format!("{}: no page links to it", path.display())).collect());
}

/// Finds the relative links of a page; blocks of code have none.
fn links(page: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in page.lines() {
        code ^= line.trim_start().starts_with("```");
        if code {
            continue;
        }
        for after in line.split("](").skip(1) {
            let link = after.split(')').next().unwrap_or_default();
            if !link.contains("://") && !link.starts_with("mailto:") {
                links.push(link.to_owned());
            }
        }
    }
    links
}

/// The file that a link on a page means, relative to the repository.
fn target(page: &Path, link: &str) -> PathBuf {
    let path = link.split('#').next().unwrap_or_default();
    if path.is_empty() {
        return page.to_path_buf();
    }
    let mut target = PathBuf::new();
    for part in page.parent().unwrap_or(Path::new("")).join(path).components() {
        match part {
            Component::ParentDir => {
                target.pop();
            }
            Component::CurDir => {}
            other => target.push(other),
        }
    }
    target
}

fn resolve(page: &Path, link: &str) -> Result<(), String> {
    let target = target(page, link);
    if !repo::root().join(&target).exists() {
        return Err(format!("there is no {}", target.display()));
    }
    let Some((_, anchor)) = link.split_once('#') else { return Ok(()) };
    let text = repo::read(&target).map_err(|error| error.to_string())?;
    let mut headings = text.lines().filter(|line| line.starts_with('#')).map(slug);
    if headings.any(|slug| slug == anchor) { Ok(()) } else { Err("there is no such heading".to_owned()) }
}

/// Makes the anchor of a heading as hosts of repositories do.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

#[test]
fn a_heading_becomes_its_anchor() {
    assert_eq!(slug("## The six rules"), "the-six-rules");
    assert_eq!(slug("# Who wins, and why?"), "who-wins-and-why");
}
