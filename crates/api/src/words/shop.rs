//! What is said where something about goods and orders is refused.

use kaifong_domain::shop::ShopRefusal;
use serde_json::{Value, json};

use crate::dto::OrderStage;

pub(super) fn refusal(refusal: &ShopRefusal) -> String {
    use ShopRefusal::*;
    let plain = match refusal {
        NotAShop => "店家和小屋服务台才能上架、交货",
        GoodUnknown => "这里没有这样东西",
        GoodOver => "这样东西已经不换了",
        SoldOut { left: 0 } => "换完了",
        SoldOut { left } => return format!("只剩 {left} 件了"),
        CapReached { most, have: 0 } => return format!("每人最多 {most} 件"),
        CapReached { most, have } => return format!("每人最多 {most} 件，你已经有 {have} 件"),
        OwnGood => "这是你们自己的东西",
        GoodsFull { most } => return format!("最多同时上架 {most} 样"),
        TillGone => "店里收单的设备停用了，现在下不了单",
        OrderUnknown => "这里没有这张单",
        OrderOver { stage } => {
            let word = stage.parse::<OrderStage>().map_or(*stage, OrderStage::word);
            return format!("这张单{word}");
        }
        OtherTill => "这张单要在收单的那台设备上办",
        CodeWrong => "没有对得上的单",
    };
    plain.to_owned()
}

pub(super) fn hint(refusal: &ShopRefusal) -> Option<&'static str> {
    use ShopRefusal::*;
    Some(match refusal {
        NotAShop => "请审核人按「店家」或「服务台」放行一台设备",
        GoodOver | SoldOut { .. } => "看看别的，或者问问店家还会不会有",
        GoodsFull { .. } => "先把不换了的、过了期的收起来",
        TillGone => "请店家在还在用的设备上打开「我们的东西」，改由那台收单",
        CodeWrong => "看清八个字母数字再试；对方没联网时，请扫对方屏幕上的码",
        OtherTill => "收单的那台停用以后，别的设备也能办",
        _ => return None,
    })
}

pub(super) fn details(refusal: &ShopRefusal) -> Vec<(&'static str, Value)> {
    use ShopRefusal::*;
    match refusal {
        SoldOut { left } => vec![("left", json!(left))],
        CapReached { most, have } => vec![("most", json!(most)), ("have", json!(have))],
        GoodsFull { most } => vec![("most", json!(most))],
        OrderOver { stage } => vec![("stage", json!(stage))],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::Refusal;

    use super::*;
    use crate::ApiError;

    #[test]
    fn every_refusal_of_a_shop_has_its_code_and_a_sentence_in_chinese() {
        use ShopRefusal::*;
        let all = [
            NotAShop,
            GoodUnknown,
            GoodOver,
            SoldOut { left: 2 },
            CapReached { most: 2, have: 1 },
            OwnGood,
            GoodsFull { most: 100 },
            TillGone,
            OrderUnknown,
            OrderOver { stage: "picked-up" },
            OtherTill,
            CodeWrong,
        ];
        assert_eq!(all.each_ref().map(ShopRefusal::code), ShopRefusal::CODES);
        for why in all {
            let error = ApiError::from(Refusal::from(why.clone()));
            assert_eq!(error.code.as_str(), why.code());
            assert!(
                error.sentence.chars().all(|c| c > '\u{4e00}' || c.is_ascii_digit() || "， 、「」".contains(c)),
                "{error:?}"
            );
        }
        assert_eq!(ApiError::from(Refusal::from(OrderOver { stage: "picked-up" })).sentence, "这张单取走了");
        assert_eq!(ApiError::from(Refusal::from(SoldOut { left: 0 })).sentence, "换完了");
    }
}
