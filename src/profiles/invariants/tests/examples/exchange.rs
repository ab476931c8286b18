//! Examples of Bundle, CapabilityStatement and narratives.

use super::Example;

pub(super) const EXAMPLES: &[Example] = &[
    (
        "bdl-1",
        "",
        &[r#"{"type":"searchset","total":1}"#, r#"{"type":"history","total":1}"#, r#"{"type":"collection"}"#],
        &[r#"{"type":"collection","total":1}"#],
    ),
    (
        "bdl-2",
        "",
        &[r#"{"type":"searchset","entry":[{"search":{"mode":"match"}}]}"#, r#"{"type":"batch","entry":[{}]}"#],
        &[r#"{"type":"batch","entry":[{},{"search":{"mode":"match"}}]}"#],
    ),
    (
        "bdl-3",
        "",
        &[
            r#"{"type":"transaction","entry":[{"request":{"method":"PUT"}}]}"#,
            r#"{"type":"collection","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"batch"}"#,
        ],
        &[
            r#"{"type":"transaction","entry":[{"request":{"method":"PUT"}},{"fullUrl":"u"}]}"#,
            r#"{"type":"batch","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"history","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"collection","entry":[{"request":{"method":"PUT"}}]}"#,
        ],
    ),
    (
        "bdl-4",
        "",
        &[
            r#"{"type":"transaction-response","entry":[{"response":{"status":"200"}}]}"#,
            r#"{"type":"collection","entry":[{"fullUrl":"u"}]}"#,
        ],
        &[
            r#"{"type":"transaction-response","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"batch-response","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"history","entry":[{"fullUrl":"u"}]}"#,
            r#"{"type":"transaction","entry":[{"response":{"status":"200"}}]}"#,
        ],
    ),
    (
        "bdl-5",
        "",
        &[r#"{"resource":{"id":"a"}}"#, r#"{"request":{"method":"GET"}}"#, r#"{"response":{"status":"200"}}"#],
        &[r#"{"fullUrl":"u"}"#],
    ),
    (
        "bdl-7",
        "",
        &[
            r#"{"type":"collection","entry":[{"fullUrl":"u"},{"fullUrl":"v"},{},{}]}"#,
            r#"{"type":"collection","entry":[{"fullUrl":"u","resource":{"meta":{"versionId":"1"}}},{"fullUrl":"u","resource":{"meta":{"versionId":"2"}}}]}"#,
            r#"{"type":"history","entry":[{"fullUrl":"u"},{"fullUrl":"u"}]}"#,
        ],
        &[r#"{"type":"collection","entry":[{"fullUrl":"u"},{"fullUrl":"v"},{"fullUrl":"u"}]}"#],
    ),
    (
        "bdl-8",
        "",
        &[r#"{"fullUrl":"https://a.example/Patient/1"}"#, "{}"],
        &[r#"{"fullUrl":"https://a.example/Patient/1/_history/2"}"#],
    ),
    (
        "bdl-9",
        "",
        &[r#"{"type":"document","identifier":{"system":"s","value":"v"}}"#, r#"{"type":"message"}"#],
        &[
            r#"{"type":"document","identifier":{"value":"v"}}"#,
            r#"{"type":"document","identifier":{"system":"s"}}"#,
            r#"{"type":"document"}"#,
        ],
    ),
    (
        "bdl-10",
        "",
        &[r#"{"type":"document","timestamp":"2026-01-01T00:00:00Z"}"#, r#"{"type":"message"}"#],
        &[r#"{"type":"document"}"#],
    ),
    (
        "bdl-11",
        "",
        &[r#"{"type":"document","entry":[{"resource":{"resourceType":"Composition"}}]}"#, r#"{"type":"message"}"#],
        &[
            r#"{"type":"document"}"#,
            r#"{"type":"document","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Composition"}}]}"#,
        ],
    ),
    (
        "bdl-12",
        "",
        &[r#"{"type":"message","entry":[{"resource":{"resourceType":"MessageHeader"}}]}"#, r#"{"type":"document"}"#],
        &[r#"{"type":"message","entry":[{"resource":{"resourceType":"Patient"}}]}"#],
    ),
    (
        "backport-notification-bundle-r4-1",
        "",
        &[r#"{"entry":[{"resource":{"resourceType":"Parameters"}}]}"#],
        &["{}", r#"{"entry":[{"resource":{"resourceType":"SubscriptionStatus"}}]}"#],
    ),
    (
        "cpb-1",
        "",
        &[r#"{"rest":[{"mode":"server"}]}"#, r#"{"messaging":[{"id":"a"}]}"#, r#"{"document":[{"mode":"producer"}]}"#],
        &["{}"],
    ),
    (
        "cpb-2",
        "",
        &[r#"{"description":"x"}"#, r#"{"software":{"name":"x"}}"#, r#"{"implementation":{"description":"x"}}"#],
        &["{}"],
    ),
    (
        "cpb-3",
        "",
        &[
            r#"{"kind":"instance","messaging":[{"endpoint":[{"address":"u"}]}]}"#,
            r#"{"kind":"capability","messaging":[{"id":"a"}]}"#,
        ],
        &[r#"{"kind":"capability","messaging":[{"endpoint":[{"address":"u"}]}]}"#],
    ),
    (
        "cpb-7",
        "",
        &[r#"{"document":[{"mode":"producer","profile":"p"},{"mode":"consumer","profile":"p"}]}"#],
        &[r#"{"document":[{"mode":"producer","profile":"p"},{"mode":"producer","profile":"p"}]}"#],
    ),
    (
        "cpb-9",
        "",
        &[r#"{"resource":[{"type":"Patient"},{"type":"Task"}]}"#],
        &[r#"{"resource":[{"type":"Patient"},{"type":"Patient"}]}"#],
    ),
    (
        "cpb-12",
        "",
        &[r#"{"searchParam":[{"name":"_id"},{"name":"code"}]}"#],
        &[r#"{"searchParam":[{"name":"_id"},{"name":"_id"}]}"#],
    ),
    (
        "cpb-14",
        "",
        &[r#"{"kind":"instance","implementation":{"description":"x"}}"#, r#"{"kind":"requirements"}"#],
        &[r#"{"kind":"instance"}"#],
    ),
    (
        "cpb-15",
        "",
        &[r#"{"kind":"capability","software":{"name":"x"}}"#, r#"{"kind":"instance"}"#],
        &[
            r#"{"kind":"capability"}"#,
            r#"{"kind":"capability","software":{"name":"x"},"implementation":{"description":"x"}}"#,
        ],
    ),
    (
        "cpb-16",
        "",
        &[r#"{"kind":"requirements"}"#, r#"{"kind":"instance","software":{"name":"x"}}"#],
        &[
            r#"{"kind":"requirements","software":{"name":"x"}}"#,
            r#"{"kind":"requirements","implementation":{"description":"x"}}"#,
        ],
    ),
    (
        "txt-1",
        "",
        &[
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class='a'>x<br/> &lt;y &#229;</p><a href=\"u\">z</a></div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\" title=\"a > b\"><!-- c --><table><tr><td colspan=\"2\">x</td></tr></table></div>""#,
        ],
        &[
            r#""""#,
            r#""text""#,
            r#""<div>x</div>""#,
            r#""<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><form>x</form></div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\" onclick=\"x\">x</div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\" JavaScript:x\">x</a></div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\">x""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div><div>y</div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>y""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><object/></div>""#,
        ],
    ),
    (
        "txt-2",
        "",
        &[
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"u\" alt=\"a\"/></div>""#,
        ],
        &[
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"> <p> </p> </div>""#,
            r#""<div xmlns=\"http://www.w3.org/1999/xhtml\"/>""#,
        ],
    ),
];
