//! The map of zones and blocks, and for whom a listing is.

use serde_json::{Value, json};

use crate::{ask, at_home, refused};

fn towers(names: &[&str]) -> Value {
    names.iter().map(|name| json!({"name": name, "kind": "tower"})).collect()
}

#[tokio::test]
async fn the_founder_draws_the_map_and_places_keep_their_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let map = async || ask(&host, "building", Value::Null).await.unwrap()["zones"].clone();
    let draw = async |zones: Value| ask(&host, "draft_epoch", json!({"places": zones})).await;
    assert_eq!(map().await, json!([]));
    let south = json!({"name": " 南块 ", "blocks": towers(&["1栋", "3栋"])});
    let street = json!({"blocks": [{"name": "东街", "kind": "street"}]});
    draw(json!([south, street])).await.unwrap();
    let drawn = map().await;
    assert_eq!((&drawn[0]["name"], &drawn[0]["blocks"][1]["name"]), (&json!("南块"), &json!("3栋")));
    let third = drawn[0]["blocks"][1]["id"].clone();

    // He lives there; then it is called otherwise, and is called so at his name and on what he wrote for it.
    ask(&host, "set_profile", json!({"name": "陈姨", "place": third})).await.unwrap();
    ask(&host, "post", json!({"side": "need", "title": "借人字梯", "audience": third})).await.unwrap();
    let mut next = drawn.clone();
    next[0]["blocks"][1] = json!({"id": third, "name": "3座", "kind": "tower"});
    next[0]["blocks"][0] = json!({"id": drawn[0]["blocks"][0]["id"], "name": "1栋", "kind": "tower"});
    next[1]["blocks"] = json!([{"name": "西街", "kind": "street"}]);
    draw(next).await.unwrap();
    let me = ask(&host, "me", Value::Null).await.unwrap();
    assert_eq!((&me["person"]["block"], &me["place"]), (&json!("南块 3座"), &third));
    let listings = ask(&host, "listings", json!({"place": drawn[0]["id"]})).await.unwrap();
    let audience = &listings["rows"][0]["audience"];
    assert_eq!(audience, &json!({"place": third, "name": "南块 3座", "includes_me": true}));
    let elsewhere = ask(&host, "listings", json!({"place": drawn[1]["id"]})).await.unwrap();
    assert_eq!(elsewhere["total"], 0);

    // It goes, and the words stay.
    draw(json!([{"id": drawn[0]["id"], "name": "南块", "blocks": towers(&["5栋"])}])).await.unwrap();
    let me = ask(&host, "me", Value::Null).await.unwrap();
    assert_eq!(
        (&me["person"]["block"], &me["place"], &me["person"]["place"]),
        (&json!("南块 3栋"), &json!(null), &json!(null))
    );
    let listings = ask(&host, "listings", Value::Null).await.unwrap();
    assert_eq!(listings["rows"][0]["audience"]["name"], json!(null));
    host.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_map_or_a_place_that_is_wrong_is_refused_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let host = at_home(dir.path()).await;
    let zone = json!({"name": "南块", "blocks": towers(&["1栋"])});
    ask(&host, "draft_epoch", json!({"places": [zone]})).await.unwrap();
    let before = ask(&host, "building", Value::Null).await.unwrap();
    let many: Vec<String> = (0..161).map(|at| format!("{at}栋")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let table = [
        (json!([zone, zone]), "place-twice"),
        (json!([{"name": "南块", "blocks": []}]), "place-empty"),
        (json!([{"name": "南块", "blocks": towers(&["1栋", " 1栋"])}]), "place-twice"),
        (json!([{"name": "南块", "blocks": towers(&["十三个字十三个字十三个字了"])}]), "text-too-long"),
        (json!([{"name": "南\u{202E}块", "blocks": towers(&["1栋"])}]), "text-unprintable"),
        (json!([{"name": "南块", "blocks": towers(&many)}]), "out-of-range"),
        (json!([{"id": 7, "name": "南块", "blocks": towers(&["1栋"])}]), "place-unknown"),
    ];
    for (places, code) in table {
        assert_eq!(refused(&host, "draft_epoch", json!({"places": places})).await, code, "{places}");
    }
    assert_eq!(refused(&host, "set_profile", json!({"name": "陈姨", "place": 7})).await, "place-unknown");
    assert_eq!(
        refused(&host, "post", json!({"side": "need", "title": "借梯子", "audience": 7})).await,
        "place-unknown"
    );
    assert_eq!(refused(&host, "pick_place", json!({"block": 7, "unit": "502"})).await, "no-place-asked");
    assert_eq!(ask(&host, "building", Value::Null).await.unwrap(), before);
    host.shutdown().await.unwrap();
}
