//! Drawings: icons by reference to one sprite, QR codes and bars as elements built here.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

use crate::model::device::Platform;

/// The sprite that holds every icon (Lucide, see `assets/icons-license.txt`).
pub const SPRITE: &str = "/assets/icons.svg";

/// An icon of the sprite: decoration beside a word, so hidden from screen readers.
pub fn icon(name: &'static str) -> Markup {
    html! { svg.i aria-hidden="true" { use href={ (SPRITE) "#" (name) } {} } }
}

/// The icon of a device family.
pub fn platform(platform: Platform) -> Markup {
    icon(match platform {
        Platform::IPhone => "smartphone",
        Platform::IPad => "tablet",
        Platform::Mac => "laptop",
        Platform::AppleTv => "tv",
        Platform::Watch => "watch",
        Platform::Vision => "glasses",
        Platform::Unknown => "circle-dashed",
    })
}

/// A QR code of `text`, dark on light in every color scheme as scanners expect. Nothing when the text is longer
/// than a QR code holds (2,331 bytes at medium correction).
pub fn qr(text: &str, title: &str) -> Option<Markup> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    let side = width + 2 * QUIET;
    Some(html! {
        svg.qr role="img" viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
            title { (title) }
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

/// One bar of a chart.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: u64,
    /// The list behind the number.
    pub href: String,
}

/// Horizontal bars, each a link to its list, with the numbers written out beside them: the table is the chart.
pub fn bars(caption: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|b| b.count).max().unwrap_or(0).max(1);
    html! {
        table.bars {
            caption { (caption) }
            thead.vh { tr { th scope="col" { "What" } th scope="col" { "Share" } th scope="col" { "Number" } } }
            tbody {
                @for bar in bars {
                    tr {
                        th scope="row" { a href=(bar.href) { (bar.label) } }
                        td {
                            svg role="img" viewBox="0 0 100 8" preserveAspectRatio="none" {
                                title { (bar.label) ": " (bar.count) }
                                rect.track width="100" height="8" rx="2" {}
                                rect.bar width=(bar.count * 100 / most) height="8" rx="2" {}
                            }
                        }
                        td.n { (super::words::number(bar.count)) }
                    }
                }
            }
        }
    }
}
