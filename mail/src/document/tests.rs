use super::*;

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The body of the document.
fn shown(html: &str) -> String {
    let mut pictures = Pictures::default();
    pictures.bring("<logo@mail>", GIF);
    pictures.bring("drawing@mail", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>");
    let document = of([html], &pictures).unwrap();
    document.strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap().to_owned()
}

/// Samples that ran a script, or asked for something, somewhere. `web/e2e` shows the same in a browser.
fn hostile() -> Vec<String> {
    let samples: Vec<String> = serde_json::from_str(include_str!("hostile.json")).unwrap();
    assert!(samples.len() >= 120);
    samples
}

/// Every tag and attribute of markup that is known to be well formed.
fn tags(html: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for tag in html.split('<').skip(1) {
        let (inner, _) = tag.split_once('>').unwrap_or_else(|| panic!("an open tag in {html}"));
        let (name, mut rest) = inner.split_once(' ').unwrap_or((inner, ""));
        let mut attributes = Vec::new();
        while let Some((attribute, value)) = rest.split_once("=\"") {
            attributes.push(attribute.trim().to_owned());
            rest = value.split_once('"').unwrap_or_else(|| panic!("an open value in {html}")).1;
        }
        assert_eq!(rest.trim(), "", "{html}");
        found.push((name.trim_start_matches('/').to_owned(), attributes));
    }
    found
}

#[test]
fn nothing_hostile_is_left_of_any_sample() {
    let known: Vec<_> = writer::ATTRIBUTES.iter().copied().chain(["style", "src", "alt", "title"]).collect();
    for sample in &hostile() {
        let first = writer::write(sample, &Pictures::default()).html;
        for html in [first, shown(sample), shown(&format!("<p>before {sample} after</p><b>end</b>"))] {
            for (name, attributes) in tags(&html) {
                assert!(writer::ELEMENTS.contains(&name.as_str()), "{sample}\n{html}");
                assert!(attributes.iter().all(|name| known.contains(&name.as_str())), "{sample}\n{html}");
            }
            let styles = html.split("style=\"").skip(1).map(|style| style.split('"').next().unwrap_or_default());
            for style in styles {
                for word in ["url", "expression", "position", "attr", "var", "image-set", "\\", "/*"] {
                    assert!(!style.contains(word), "{sample}\n{html}");
                }
            }
            assert!(!html.contains("src=\"") || html.contains("src=\"data:image/gif;base64,"), "{sample}\n{html}");
            assert!(!html.contains("href="), "{sample}\n{html}");
        }
    }
}

#[test]
fn the_second_pass_would_do_without_the_first() {
    for sample in &hostile() {
        let html = SECOND.clean(sample).to_string();
        for (name, attributes) in tags(&html) {
            assert!(writer::ELEMENTS.contains(&name.as_str()), "{sample}\n{html}");
            assert!(!attributes.iter().any(|name| name.starts_with("on") || name == "href"), "{sample}\n{html}");
        }
        // A picture that comes along runs nothing, whatever its bytes are.
        let outside = html.split("src=\"").skip(1).any(|source| !source.starts_with("data:image/"));
        assert!(!outside && !html.contains("url("), "{sample}\n{html}");
    }
}

#[test]
fn what_a_mail_looks_like_is_kept() {
    let html = "<html><head><title>x</title><style>p{color:red}</style></head><body bgcolor=\"#f4f4f4\">\
        <table width=600 align=center cellpadding=\"4\"><tr><td style=\"padding:8px; COLOR:#123456;font-family:'Segoe UI',Arial\">PO <b>450</b>\
        <td>&euro; 3 &lt; 4<tr><td colspan=2>End</table></body></html>";
    assert_eq!(
        shown(html),
        "<div bgcolor=\"#f4f4f4\"><table align=\"center\" cellpadding=\"4\" width=\"600\"><tbody><tr>\
         <td style=\"padding:8px;color:#123456;font-family:Segoe UI , Arial\">PO <b>450</b></td><td>€ 3 &lt; 4</td></tr>\
         <tr><td colspan=\"2\">End</td></tr></tbody></table></div>"
    );
    assert_eq!(
        shown("<p style='color:rgb(1, 2, 3);margin:-5px 0;display:none'>x"),
        "<p style=\"color:rgb(1, 2, 3);display:none\">x</p>"
    );
    assert_eq!(shown("a < b &amp; c <"), "a &lt; b &amp; c &lt;");
}

#[test]
fn a_link_says_where_it_leads() {
    assert_eq!(
        shown("<a href=\"https://evil.example/a?b=1&amp;c=2\">www.bank.example</a>"),
        "<u title=\"https://evil.example/a?b=1&amp;c=2\">www.bank.example</u> <small>[evil.example/a…]</small>"
    );
    let seen = |html: &str| shown(html).replace('"', "");
    assert_eq!(
        seen("<a href='https://kite.example/'>kite.example</a>"),
        "<u title=https://kite.example/>kite.example</u>"
    );
    assert_eq!(
        seen("<a href='https://bank.example@evil.example/'>x</a>"),
        "<u title=https://evil.example/>x</u> <small>[evil.example]</small>"
    );
    assert_eq!(
        seen("<a href='mailto:ada@kite.example?subject=x'>write</a>"),
        "<u title=ada@kite.example>write</u> <small>[ada@kite.example]</small>"
    );
    assert_eq!(
        seen("<a href=https://kite.example/t><img src=https://kite.example/t.gif></a>"),
        "<u title=https://kite.example/t></u>"
    );
    let long = shown(&format!("<a href='https://kite.example/{}'>x</a>", "y".repeat(5_000)));
    assert!(long.len() < 2_200 && long.contains("yyy…]"), "{long}");
    assert_eq!(shown("<a name=top>Top</a> <a href='#top'>up</a>"), "Top up");
}

#[test]
fn pictures_are_those_that_the_mail_brings() {
    let gif =
        format!("data:image/gif;base64,{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, GIF));
    let expected = format!("<img src=\"{gif}\" alt=\"Logo\" width=\"20\">");
    assert_eq!(shown("<img src='cid:logo@mail' alt=Logo width=20>"), expected);
    assert_eq!(shown("<img src='CID:logo%40mail' alt=Logo width=20>"), expected);
    assert_eq!(shown(&format!("<img alt=Logo width=20 src='{gif}'>")), expected);
    assert_eq!(shown("<img src='https://evil.example/t.gif' width=1 height=1>x"), "x");
    assert_eq!(shown("<img src='https://evil.example/t.gif' alt='Kite & Co'>"), "[Kite &amp; Co]");
    assert_eq!(shown("<img src=cid:drawing@mail alt=Drawing>"), "[Drawing]");
}

#[test]
fn pictures_have_a_size_together() {
    let mut pictures = Pictures::default();
    let mut large = GIF.to_vec();
    large.resize(900 << 10, 0);
    pictures.bring("large", &large);
    let mut larger = GIF.to_vec();
    larger.resize(1 << 20, 0);
    pictures.bring("larger", &larger);
    let document = of(["<img src=cid:large>".repeat(100).as_str(), "<img src=cid:larger>"], &pictures).unwrap();
    assert_eq!(document.matches("<img").count(), 6);
}

#[test]
fn hostile_sizes_are_bounded() {
    let many = |part: &str| part.repeat((4 << 20) / part.len());
    let formatted: Vec<String> = (0..50_000).map(|n| format!("<b style=\"width:{n}px\">")).collect();
    let formatted = formatted.concat();
    for html in [
        many("<div>"),
        many("<p><b><table><td>"),
        many("<a href=https://x.example><table><td>"),
        many("<"),
        many("<a \""),
        many("</p></b>"),
        many("<!--"),
        many("<svg>"),
        many("<p>x"),
        many("<li style=\"color:red;color:red\"><ul>"),
        many("&amp;"),
        many(">"),
        many("<img alt=x>"),
        format!("{formatted}{}", many("</p><p>x")),
        format!("<img src=\"data:image/gif;base64,{}\">", many("A")),
    ] {
        let document = of([html.as_str()], &Pictures::default()).unwrap();
        assert!(document.len() < 32 << 20, "{} bytes of {}", document.len(), &html[..20]);
    }
}

#[test]
fn a_mail_that_is_too_long_says_that_it_goes_on() {
    let document = of(["<br>".repeat(60_000).as_str()], &Pictures::default()).unwrap();
    assert!(document.contains("The mail goes on") && document.matches("<br>").count() == writer::MOST);
    assert!(!of(["<br>"], &Pictures::default()).unwrap().contains("goes on"));
}
