//! The page of `keelback report --html`, looked at in a browser. Skipped, visibly, where there is no Chromium.

mod support;

use std::process::{Command, Stdio};

use support::{Folder, keelback, run};

const LOG: &str = "\
keelback-stmlog\t1\tpage.py </script><b>bold</b>
T\t1\t0\tmain
T\t2\t100\t<i>worker</i>
P\t1\t3\tSCRIPT\tf
R\t1\t0\t500000\t900
R\t2\t100\t300000\t400
A\t2\t300000\t600000\tchanged at commit\tlist\t1\t1\t1\t2
W\t2\t600000\t700000
I\t2\t700000\t800000
G\t1\t500000\t520000
R\t1\t520000\t1000000\t5
H\t1\t0,300,605\t0,0,0
H\t2\t400\t0,1
E\t2\t800000
X\t1000000
";

/// The browser, if there is one.
fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            asked.is_ok_and(|status| status.success())
        })
}

fn browse(folder: &Folder, page: &std::path::Path, options: &[&str]) -> Vec<u8> {
    let name = chromium().expect("looked for before");
    let profile = format!("--user-data-dir={}", folder.0.join("profile").display());
    let done = Command::new(name)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1200,1400",
        ])
        .args([profile.as_str()])
        .args(options)
        .arg(format!("file://{}", page.display()))
        .stderr(Stdio::null())
        .output()
        .expect("it runs");
    assert!(done.status.success(), "{name}: {}", done.status);
    done.stdout
}

#[test]
fn the_page_in_a_browser() {
    let folder = Folder::new();
    let script = folder.file(
        "page.py",
        "def f():\n    # the reader\n    return x < 1 & y\n",
    );
    let log = folder.file(
        "run.stmlog",
        LOG.replace("SCRIPT", script.to_str().expect("UTF-8")),
    );
    let page = folder.0.join("page.html");
    run(
        keelback().arg("report").arg(log).arg("--html").arg(&page),
        b"",
    )
    .expect_code(0);
    let html = std::fs::read_to_string(&page).expect("written");
    assert!(
        !html.contains("@DATA@") && !html.contains("https://") && !html.contains("src="),
        "self-contained"
    );
    if chromium().is_none() {
        eprintln!(
            "SKIPPED: no Chromium found (Debian's package is `chromium`): the page was not looked at"
        );
        return;
    }
    // The script has run, and names are text.
    let dom = String::from_utf8(browse(&folder, &page, &["--dump-dom"])).expect("UTF-8");
    for part in [
        "keelback report: page.py &lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;",
        "&lt;i&gt;worker&lt;/i&gt;",
        "return x &lt; 1 &amp; y",
        "1 rolled back",
        "<details open",
        "<rect",
    ] {
        assert!(dom.contains(part), "no {part:?} in\n{dom}");
    }
    let title = "<h1 id=\"title\">page.py &lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;</h1>";
    assert!(dom.contains(title), "a name became an element");
    // All kinds of spans, the ranking and the histogram are seen.
    let shot = folder.0.join("shot.png");
    browse(
        &folder,
        &page,
        &[&format!("--screenshot={}", shot.display())],
    );
    let file = std::fs::File::open(&shot).expect("a screenshot");
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size that fits")];
    let info = reader.next_frame(&mut pixels).expect("PNG");
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    let bytes = info.color_type.samples();
    let seen = |colour: [u8; 3]| {
        pixels
            .chunks_exact(bytes)
            .filter(|p| p[..3] == colour)
            .count()
    };
    for (name, colour, least) in [
        ("running", [0x56, 0xb4, 0xe9], 5000),
        ("rolled back", [0xd5, 0x5e, 0x00], 2000),
        ("waiting", [0xc9, 0xce, 0xd4], 500),
        ("irrevocable", [0xcc, 0x79, 0xa7], 500),
        ("collecting", [0x00, 0x9e, 0x73], 100),
        ("the marked line", [0xff, 0xe9, 0xb8], 2000),
    ] {
        assert!(seen(colour) >= least, "{name}: {} pixels", seen(colour));
    }
}
