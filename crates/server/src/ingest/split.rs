//! Cuts a body into its items without reading them: an array at its commas, lines at their ends. What an item says is `strict`'s.

use super::place::Place;

/// How deep an item may be nested. Whoever reads it back takes 127 levels, and it stands a few levels down in a stored event or an answer.
pub(super) const DEEPEST: usize = 120;
/// How many items a body may hold. One more is cut, so that the count tells of it.
pub(super) const MOST: usize = 10_000;

/// One item of a body: where it begins, and whether it is nested too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: Place,
    pub(super) is_too_deep: bool,
}

/// Why a body that begins as an array is none; the place is in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoArray {
    pub(super) at: usize,
    pub(super) why: &'static str,
}

/// Where an item ends that begins here: at a comma, at the end of the array or of the body.
struct Cut {
    end: usize,
    deepest: usize,
}

/// Whether the body holds an array.
pub(super) fn is_array(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'[')
}

/// The body as one item.
pub(super) fn whole(body: &[u8]) -> Piece<'_> {
    piece(body, Place::default(), cut(body, 0).deepest)
}

/// The items of an array.
///
/// # Errors
/// Where its commas and brackets do not make one.
pub(super) fn items(body: &[u8]) -> Result<Vec<Piece<'_>>, NoArray> {
    let open = body.len() - body.trim_ascii_start().len();
    let (mut pieces, mut start) = (Vec::new(), open + 1);
    let mut place = Place::default().after(body.get(..start).unwrap_or_default());
    loop {
        let Cut { end, deepest } = cut(body, start);
        let text = body.get(start..end).unwrap_or_default();
        let piece = piece(text, place, deepest);
        let is_last = match body.get(end) {
            Some(b',') => false,
            Some(b']') => true,
            _ => return Err(NoArray { at: end, why: "the array is not closed" }),
        };
        match (piece.text.is_empty(), is_last && pieces.is_empty()) {
            (true, true) => {}
            (true, false) => return Err(NoArray { at: end, why: "a comma without an item" }),
            (false, _) => pieces.push(piece),
        }
        if is_last {
            return rest(body, end + 1).map(|()| pieces);
        }
        if pieces.len() > MOST {
            return Ok(pieces);
        }
        // The comma stands on the line on which the item ends.
        (start, place) = (end + 1, place.after(text).after(b","));
    }
}

/// What stands on lines of its own; empty ones are passed over.
pub(super) fn lines(body: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let lines = body.split(|byte| *byte == b'\n').zip(1..);
    let pieces = lines.map(|(line, number)| piece(line, Place::of_line(number), cut(line, 0).deepest));
    pieces.filter(|piece| !piece.text.is_empty()).take(MOST + 1)
}

fn rest(body: &[u8], from: usize) -> Result<(), NoArray> {
    let rest = body.get(from..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_ascii_start().len();
    if blanks == rest.len() { Ok(()) } else { Err(NoArray { at: from + blanks, why: "something follows the array" }) }
}

fn piece(text: &[u8], place: Place, deepest: usize) -> Piece<'_> {
    let blanks = text.get(..text.len() - text.trim_ascii_start().len()).unwrap_or_default();
    Piece { text: text.trim_ascii(), start: place.after(blanks), is_too_deep: deepest > DEEPEST }
}

/// The end of the item that begins here. Brackets in strings are text.
fn cut(body: &[u8], start: usize) -> Cut {
    let (mut depth, mut deepest, mut in_string, mut is_escaped) = (0_usize, 0, false, false);
    for (index, byte) in body.iter().enumerate().skip(start) {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b',' | b']' if depth == 0 => return Cut { end: index, deepest },
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Cut { end: body.len(), deepest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The place in bytes, found anew from its line and column.
    fn offset(body: &str, piece: &Piece<'_>) -> usize {
        let is_at = |at: &usize| Place::default().after(&body.as_bytes()[..*at]) == piece.start;
        (0..=body.len()).find(is_at).unwrap_or_else(|| panic!("{piece:?} in {body:?}"))
    }

    fn texts(body: &str) -> Result<Vec<&str>, (usize, &'static str)> {
        let text = |piece: Piece<'_>| &body[offset(body, &piece)..][..piece.text.len()];
        items(body.as_bytes()).map(|all| all.into_iter().map(text).collect()).map_err(|error| (error.at, error.why))
    }

    #[test]
    fn an_array_is_cut_at_its_own_commas() {
        let check = |body: &str, expected: &[&str]| assert_eq!(texts(body).as_deref(), Ok(expected), "{body}");
        check("[]", &[]);
        check(" [ ] ", &[]);
        check("[1]", &["1"]);
        check("[ {\"a\": [1, 2]} , {\"b\": \"],[\\\"\"} ]\n", &["{\"a\": [1, 2]}", "{\"b\": \"],[\\\"\"}"]);
        check("[\"\\\\\", 2]", &["\"\\\\\"", "2"]);
    }

    #[test]
    fn what_is_no_array_says_where() {
        let check = |body: &str, at: usize| assert_eq!(texts(body).unwrap_err().0, at, "{body}");
        check("[", 1);
        check("[1", 2);
        check("[1,]", 3);
        check("[,1]", 1);
        check("[1] 2", 4);
        check("[{\"a\": \"]", 9);
    }

    #[test]
    fn depth_is_told() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        for (depth, expected) in [(1, false), (DEEPEST, false), (DEEPEST + 1, true), (100_000, true)] {
            assert_eq!(whole(format!("{{\"a\":{}}}", nested(depth - 1)).as_bytes()).is_too_deep, expected, "{depth}");
            assert_eq!(items(format!("[{}]", nested(depth)).as_bytes()).unwrap()[0].is_too_deep, expected, "{depth}");
        }
    }

    #[test]
    fn lines_keep_their_places() {
        let found: Vec<_> = lines(b"{}\r\n\n  1\n2").map(|piece| (piece.text, piece.start.to_string())).collect();
        let expected = [("{}", "line 1 column 1"), ("1", "line 3 column 3"), ("2", "line 4 column 1")];
        assert_eq!(found, expected.map(|(text, place)| (text.as_bytes(), place.to_owned())));
    }

    #[test]
    fn no_more_are_cut_than_are_read() {
        let many = MOST * 10;
        assert_eq!(items(format!("[{}0]", "0,".repeat(many)).as_bytes()).unwrap().len(), MOST + 1);
        assert_eq!(items(format!("[{}0]", "0,".repeat(MOST - 1)).as_bytes()).unwrap().len(), MOST);
        assert_eq!(lines("0\n".repeat(many).as_bytes()).count(), MOST + 1);
        assert_eq!(lines("0\n\n".repeat(MOST).as_bytes()).count(), MOST);
    }

    proptest! {
        #[test]
        fn pieces_lie_in_the_body(body in "[\\[\\]{},\"\\\\a1 \n]{0,60}") {
            let all = items(body.as_bytes()).unwrap_or_default().into_iter().chain(lines(body.as_bytes()));
            for piece in all {
                prop_assert_eq!(&body.as_bytes()[offset(&body, &piece)..][..piece.text.len()], piece.text);
            }
        }
    }
}
