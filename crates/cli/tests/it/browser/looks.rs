//! How the page looks: nothing too wide for a phone, nothing too small for a finger, nothing too faint to read, in dark and in light.

use std::path::PathBuf;

use base64::Engine;

use super::{Tab, views::house};

/// What is measured, in the page itself.
const LOOKS: &str = include_str!("looks.js");
/// A variable that names a folder: pictures of every view are left there.
const PICTURES: &str = "TIDINGS_PICTURES";
const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1280, 800);
/// What a finger can hit, in CSS pixels.
const FINGER: u32 = 40;

/// Leaves a picture of what is seen, where somebody wants one.
async fn leave_picture(tab: &mut Tab, name: &str) {
    let Some(folder) = std::env::var_os(PICTURES).map(PathBuf::from) else { return };
    let picture = base64::engine::general_purpose::STANDARD.decode(tab.picture().await).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

/// Looks at every view of a house in which much has happened.
async fn look_around(size: (u32, u32), device: &str) {
    let Some((daemon, mut tab, views)) = house().await else { return };
    tab.look(size, "light").await;
    tab.go(&format!("http://{}/", daemon.address)).await;
    tab.eval(LOOKS).await;
    for scheme in ["light", "dark"] {
        tab.look(size, scheme).await;
        for (number, (view, ready)) in views.iter().enumerate() {
            tab.turn(view, ready).await;
            let name = view.split('/').next().unwrap();
            leave_picture(&mut tab, &format!("{device}-{scheme}-{number}-{name}")).await;
            let place = format!("{view} in {scheme} on a {device}");
            tab.assert_none(&place, &format!("looks.wide({})", size.0)).await;
            tab.assert_none(&place, "looks.faint()").await;
            if size == PHONE {
                tab.assert_none(&place, &format!("looks.small({FINGER})")).await;
            }
        }
    }
    tab.assert_calm(&[]).await;
}

#[tokio::test]
async fn on_a_phone_every_view_fits_and_can_be_read_and_touched() {
    look_around(PHONE, "phone").await;
}

#[tokio::test]
async fn on_a_desk_every_view_fits_and_can_be_read() {
    look_around(DESK, "desk").await;
}

/// The measures themselves find what is wrong.
#[tokio::test]
async fn what_is_wrong_is_found() {
    let Some(mut tab) = Tab::open(&[]).await else { return };
    tab.look(PHONE, "light").await;
    tab.go("data:text/html,<meta name=viewport content=width=device-width><p style='color:%23999'>faint</p><button style='height:20px'>small</button>").await;
    tab.eval(LOOKS).await;
    for (script, expected) in
        [("looks.faint().length", 1), ("looks.small(40).length", 1), ("looks.wide(390).length", 0)]
    {
        assert_eq!(tab.eval(script).await, expected, "{script}");
    }
    tab.eval("document.body.append(Object.assign(document.createElement('pre'), {textContent: 'x'.repeat(500)}))")
        .await;
    assert_ne!(tab.eval("looks.wide(390).length").await, 0);
}
