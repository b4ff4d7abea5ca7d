//! Which column is which, by its heading.

use kaifong_matching::fold;
use unicode_normalization::UnicodeNormalization;

use crate::sheet::{Row, Sheet};

/// How many rows from the top may be the headings.
const ROWS_LOOKED_AT: usize = 12;

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// 栋, 座, 楼: the block.
    Block,
    /// 单元: the entrance within a block.
    Entrance,
    /// 房号, 室, 门牌: the unit, alone or with its block.
    Unit,
    /// 户主, 姓名.
    Name,
    /// 电话, 手机.
    Phone,
}

impl Column {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Block, Self::Entrance, Self::Unit, Self::Name, Self::Phone];

    /// Headings that say exactly this, headings that say this among other words, and words that make it another.
    fn words(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Block => [
                &[
                    "栋",
                    "座",
                    "楼",
                    "幢",
                    "号楼",
                    "楼栋",
                    "楼号",
                    "楼栋号",
                    "楼宇",
                    "block",
                    "building",
                    "tower",
                    "blk",
                ],
                &["栋", "幢", "号楼", "座号", "楼宇"],
                &["层", "房", "室"],
            ],
            Self::Entrance => {
                [&["单元", "单元号", "门洞", "梯", "entrance", "stair"], &["单元"], &["房", "室", "栋", "幢"]]
            }
            Self::Unit => [
                &[
                    "房号",
                    "室",
                    "室号",
                    "门牌",
                    "门牌号",
                    "户号",
                    "房间号",
                    "房",
                    "unit",
                    "room",
                    "flat",
                    "apartment",
                    "apt",
                ],
                &["房号", "门牌", "房间", "室号", "户室", "房屋", "地址", "住址", "单位", "unit", "room", "address"],
                &["面积", "数", "type"],
            ],
            Self::Name => [
                &["户主", "姓名", "业主", "名字", "住户", "联系人", "owner", "name", "resident", "tenant"],
                &["姓名", "户主", "业主", "产权人", "租客", "owner", "name", "resident"],
                &["电话", "手机", "联系方式", "身份", "证", "关系", "性别", "phone", "mobile", "tel"],
            ],
            Self::Phone => [
                &["电话", "手机", "手机号", "电话号码", "手机号码", "联系方式", "联系电话", "phone", "mobile", "tel"],
                &["电话", "手机", "联系方式", "phone", "mobile", "tel"],
                &["hotel"],
            ],
        }
    }

    /// How well a heading says this: 2 exactly, 1 among other words, 0 not at all.
    fn fits(self, heading: &str) -> u8 {
        let [exact, within, not] = self.words();
        if exact.contains(&heading) {
            return 2;
        }
        let has = |words: &[&str]| words.iter().any(|word| heading.contains(word));
        u8::from(has(within) && !has(not))
    }
}

/// Where each thing stands, by the number of its column from 0 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The block, if it has a column of its own.
    pub block: Option<usize>,
    /// The entrance, if it has a column of its own.
    pub entrance: Option<usize>,
    /// The unit.
    pub unit: usize,
    /// The name.
    pub name: Option<usize>,
    /// The phone number.
    pub phone: Option<usize>,
}

/// What the headings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// Which row of the sheet has the headings, from 0 on; `None` when none has.
    pub heading_row: Option<usize>,
    /// Which column is which; `None` when no column is known to be the unit's, or several might be: a person says it then.
    pub columns: Option<Columns>,
}

impl Guess {
    /// Reads the headings of a sheet.
    pub fn of(sheet: &Sheet) -> Self {
        let rows = sheet.rows.iter().take(ROWS_LOOKED_AT).enumerate();
        let scored = rows.map(|(place, row)| (Found::of(row), place));
        // The first of those that say most.
        let best = scored.max_by_key(|(found, place)| (found.known(), std::cmp::Reverse(*place)));
        match best {
            Some((found, place)) if found.known() > 0 => Self { heading_row: Some(place), columns: found.columns() },
            _ => Self::default(),
        }
    }
}

/// For each of [`Column::ALL`]: the column that says it best, and whether another says it as well.
struct Found([Option<(usize, bool)>; 5]);

impl Found {
    fn of(row: &Row) -> Self {
        Self(Column::ALL.map(|wanted| {
            let mut best: Option<(u8, usize, bool)> = None;
            for place in 0..row.cells.len() {
                let fit = wanted.fits(&plain(row.text(place)));
                match best {
                    _ if fit == 0 => {}
                    Some((most, at, _)) if fit == most => best = Some((most, at, true)),
                    Some((most, ..)) if fit < most => {}
                    _ => best = Some((fit, place, false)),
                }
            }
            best.map(|(_, place, shared)| (place, shared))
        }))
    }

    fn known(&self) -> usize {
        self.0.iter().flatten().count()
    }

    fn columns(&self) -> Option<Columns> {
        let [block, entrance, unit, name, phone] = self.0;
        let place = |found: Option<(usize, bool)>| found.map(|(place, _)| place);
        // Where there is no 房号, the 单元 is the unit.
        let (entrance, unit) = if unit.is_none() { (None, entrance) } else { (entrance, unit) };
        let (unit, shared) = unit?;
        let taken = |found: Option<(usize, bool)>| place(found).filter(|place| *place != unit);
        (!shared).then(|| Columns {
            block: taken(block),
            entrance: taken(entrance),
            unit,
            name: taken(name),
            phone: taken(phone),
        })
    }
}

/// A heading without blanks and brackets, 繁 and 简, wide and narrow alike.
pub(crate) fn plain(heading: &str) -> String {
    let heading: String = heading.chars().take(20).nfkc().collect();
    fold(&heading).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(headings: &str) -> Guess {
        Guess::of(&Sheet::read(headings.as_bytes()).unwrap())
    }

    #[test]
    fn the_columns_are_found_by_their_headings() {
        let columns = |block, entrance, unit, name, phone| Columns { block, entrance, unit, name, phone };
        let table = [
            ("房号,户主,电话", columns(None, None, 0, Some(1), Some(2))),
            ("序号,楼栋,单元,房号,业主姓名,业主电话,建筑面积", columns(Some(1), Some(2), 3, Some(4), Some(5))),
            ("棟,室,姓名,手機", columns(Some(0), None, 1, Some(2), Some(3))),
            ("Block,Floor,Unit,Name,Phone No.", columns(Some(0), None, 2, Some(3), Some(4))),
            ("单元,姓名", columns(None, None, 0, Some(1), None)),
            ("楼层,门牌号,联系人", columns(None, None, 1, Some(2), None)),
            (" 房 号 ,户主（签名）", columns(None, None, 0, Some(1), None)),
        ];
        for (headings, expected) in table {
            assert_eq!(guess(headings).columns, Some(expected), "{headings}");
        }
    }

    #[test]
    fn where_the_headings_leave_it_open_a_person_says_it() {
        for headings in ["甲,乙,丙", "房号,房号,姓名", "姓名,电话", "502,陈美玲,138"] {
            assert_eq!(guess(headings).columns, None, "{headings}");
        }
        assert_eq!(guess("502,陈美玲,138").heading_row, None);
    }

    #[test]
    fn headings_may_stand_below_a_title() {
        let found = guess("红叶新天地住户登记表,,\n2026年11月,,\n房号,户主,电话\n502,陈美玲,138\n");
        assert_eq!(found.heading_row, Some(2));
    }
}
