use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Element, (IssueCode, u32)> {
    parse(text.as_bytes(), &XmlLimits::default()).map_err(|error| (error.code, error.line))
}

const INVALID: IssueCode = IssueCode::XmlInvalid;

#[test]
fn elements_have_their_names_texts_and_lines() {
    let root = read("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c -->\n<a xmlns=\"urn:d\" xmlns:p='urn:p' x=\" 1 \">\n t&lt;&#65;&#x42;<![CDATA[<&>]]> \n <p:b p:y=\"&quot;&amp;\" y=''/>\n <c xmlns=''/>\n</a>\n").unwrap();
    assert!(root.is(Some("urn:d"), "a"));
    assert_eq!((root.line, root.value(), root.attribute("x")), (3, Some("t<AB<&>"), Some("1")));
    let [b, c] = root.children.as_slice() else { panic!("{root:?}") };
    assert!(b.is(Some("urn:p"), "b") && c.is(None, "c"));
    assert_eq!((b.line, c.line), (5, 6));
    let attributes: Vec<_> =
        b.attributes.iter().map(|it| (it.namespace.as_deref(), it.name.as_str(), it.value.as_str())).collect();
    assert_eq!(attributes, [(Some("urn:p"), "y", "\"&"), (None, "y", "")]);
    assert_eq!((b.attribute("y"), root.child("b"), root.child("x")), (None, Some(b), None));
}

#[test]
fn what_is_not_well_formed_is_refused_where_it_is() {
    for (text, expected) in [
        ("", (INVALID, 1)),
        ("   \n ", (INVALID, 2)),
        ("x", (INVALID, 1)),
        ("<a>", (INVALID, 1)),
        ("<a>\n<b></a>", (INVALID, 2)),
        ("<a/>\n<b/>", (INVALID, 2)),
        ("<a/>\ntext", (INVALID, 2)),
        ("<a/><![CDATA[]]>", (INVALID, 1)),
        ("</a>", (INVALID, 1)),
        ("<a b=1/>", (INVALID, 1)),
        ("<a b/>", (INVALID, 1)),
        ("<a\n b=\"1\" b=\"2\"/>", (INVALID, 1)),
        ("<a b=\"<\"/>", (INVALID, 1)),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", (INVALID, 1)),
        ("<p:a/>", (INVALID, 1)),
        ("<a p:b='1'/>", (INVALID, 1)),
        ("<a xmlns:p=''/>", (INVALID, 1)),
        ("<a xmlns:xmlns='u'/>", (INVALID, 1)),
        ("<a xmlns:xml='u'/>", (INVALID, 1)),
        ("<a:b:c xmlns:a='u'/>", (INVALID, 1)),
        ("<a>&#xZZ;</a>", (INVALID, 1)),
        ("<a>&</a>", (INVALID, 1)),
        ("<a><!-- -</a>", (INVALID, 1)),
        ("<a><![CDATA[x</a>", (INVALID, 1)),
    ] {
        assert_eq!(read(text).map(|_| ()), Err(expected), "{text}");
    }
}

#[test]
fn a_prefix_ends_with_its_element() {
    assert!(read("<a><b xmlns:p='u'><p:c/></b></a>").is_ok());
    assert_eq!(read("<a><b xmlns:p='u'/><p:c/></a>").map(|_| ()), Err((INVALID, 1)));
    let root = read("<a xmlns='u'><b xmlns='v'/><c xml:lang='nb'/></a>").unwrap();
    assert!(root.children[0].is(Some("v"), "b") && root.children[1].is(Some("u"), "c"));
    assert_eq!(root.children[1].attributes[0].namespace.as_deref(), Some("http://www.w3.org/XML/1998/namespace"));
}

/// Entities that a document declares are never looked up: not from a file, not from a host, not from the document itself.
#[test]
fn entities_of_a_document_are_refused() {
    let laughs: String =
        (1..=9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    for text in [
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>".to_owned(),
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><a/>".to_owned(),
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1/\"> %p;]><a/>".to_owned(),
        format!("<!DOCTYPE a [<!ENTITY l0 \"ha\">{laughs}]><a>&l9;</a>"),
        "<!DOCTYPE a><a/>".to_owned(),
        "<a>&x;</a>".to_owned(),
        "<a>&nbsp;</a>".to_owned(),
    ] {
        assert_eq!(read(&text).map(|_| ()), Err((IssueCode::XmlDoctype, 1)), "{text}");
    }
    // In a value the library refuses the reference itself.
    assert_eq!(read("<a b=\"&x;\"/>").map(|_| ()), Err((INVALID, 1)));
}

#[test]
fn only_utf_8_is_read() {
    for (bytes, line) in [
        (&b"<a>\xe6</a>"[..], 1),
        (b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a>x</a>", 1),
        (b"\xff\xfe<\0a\0/\0>\0", 1),
    ] {
        let error = parse(bytes, &XmlLimits::default()).unwrap_err();
        assert_eq!((error.code, error.line), (IssueCode::XmlEncoding, line));
    }
    assert!(read("<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a/>").is_ok());
}

#[test]
fn each_limit_is_met_before_memory_is() {
    let limits =
        XmlLimits { bytes: 1_000_000, depth: 3, elements: 5, element_attributes: 2, attributes: 4, namespaces: 2 };
    let read = |text: &str| parse(text.as_bytes(), &limits).map(|_| ()).map_err(|error| error.code);
    let (deep, large) = (Err(IssueCode::XmlTooDeep), Err(IssueCode::XmlTooLarge));
    for (text, expected) in [
        ("<a><b><c/></b></a>", Ok(())),
        ("<a><b><c><d/></c></b></a>", deep),
        ("<a><b/><b/><b/><b/></a>", Ok(())),
        ("<a><b/><b/><b/><b/><b/></a>", large),
        ("<a b='' c=''/>", Ok(())),
        ("<a b='' c='' d=''/>", large),
        ("<a b='' c=''><d b='' c=''/></a>", Ok(())),
        ("<a b='' c=''><d b='' c=''/><d b=''/></a>", large),
        ("<a xmlns:b='u' xmlns:c='u'><d/></a>", Ok(())),
        ("<a xmlns:b='u' xmlns:c='u'><d xmlns:e='u'/></a>", large),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(read(&format!("<a>{}</a>", "x".repeat(1_000_000))), Err(IssueCode::XmlTooLarge));
}

/// Shapes that have made other readers run out of stack, memory or time.
#[test]
fn hostile_shapes_are_refused() {
    let deep = "<a>".repeat(1_000_000);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
    let same: String = " a=\"\"".repeat(100_000);
    let namespaces: String = (0..100_000).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    let elements = format!("<a>{}</a>", "<b/>".repeat(300_000));
    for (text, code) in [
        (deep, IssueCode::XmlTooDeep),
        (format!("<a{attributes}/>"), IssueCode::XmlTooLarge),
        (format!("<a{same}/>"), IssueCode::XmlInvalid),
        (format!("<a{namespaces}/>"), IssueCode::XmlTooLarge),
        (elements, IssueCode::XmlTooLarge),
        (format!("<{}/>", "a".repeat(1 << 25)), IssueCode::XmlTooLarge),
        (format!("<a b=\"{}", "x".repeat(1 << 20)), IssueCode::XmlInvalid),
    ] {
        assert_eq!(read(&text).map(|_| ()).map_err(|error| error.0), Err(code));
    }
}

#[test]
fn an_error_quotes_nothing_of_the_document() {
    for text in ["<a>13897512345</b>", "<a b=\"&13897512345;\"/>", "<a>&x13897512345;</a>", "<13897512345"] {
        let error = parse(text.as_bytes(), &XmlLimits::default()).unwrap_err();
        assert!(!error.text.contains("1389"), "{error}");
    }
}

/// An element that can be written and read again.
fn element() -> impl Strategy<Value = Element> {
    let text = "[a-z<>&\"' \u{e6}]{0,6}";
    let leaf = ("[a-z]{1,3}", proptest::collection::btree_map("[a-z]{1,3}", text, 0..3), text);
    let leaf = leaf.prop_map(|(name, attributes, text)| Element {
        name,
        attributes: attributes.into_iter().map(|(name, value)| Attribute { namespace: None, name, value }).collect(),
        text,
        line: 1,
        ..Element::default()
    });
    leaf.prop_recursive(4, 30, 4, |inner| {
        (inner.clone(), proptest::collection::vec(inner, 0..4))
            .prop_map(|(element, children)| Element { children, ..element })
    })
}

fn write(element: &Element) -> String {
    let escape = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&#39;")
    };
    let attributes: String =
        element.attributes.iter().map(|it| format!(" {}=\"{}\"", it.name, escape(&it.value))).collect();
    let children: String = element.children.iter().map(write).collect();
    format!("<{0}{attributes}>{1}{children}</{0}>", element.name, escape(&element.text))
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(element in element()) {
        let is_declaration = |it: &Attribute| it.name == "xmlns";
        prop_assume!(!write(&element).contains("xmlns") && !element.attributes.iter().any(is_declaration));
        prop_assert_eq!(read(&write(&element)), Ok(element));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[<>/a!\\[\\]\"'&;#x? =:-]{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = parse(&bytes, &XmlLimits::default());
    }
}
