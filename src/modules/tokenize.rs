//! `_tokenize`: the tokens of Python source, for `tokenize`.

use ruff_python_ast::token::TokenKind as K;
use ruff_python_parser::{LexicalErrorType, Mode, ParseErrorType, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use crate::builtins::raise_syntax_error;
use crate::heap::{Fail, R, RawSlot, Ref, Slot, Thread, Tracer, Value};
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::native::Payload;
use crate::objects::string::Str;
use crate::syntax::error::SyntaxErr;
use crate::syntax::source::LineIndex;

/// The tokens that are still to be delivered. They are made all at once when the first is asked for.
struct TokenizerIter {
    readline: Value,
    encoding: Value,
    extra: bool,
    /// A list of tuples, null before the start.
    tokens: Slot,
    at: RawSlot,
    /// The exception to raise at the end, or null.
    error: Slot,
}

impl Payload for TokenizerIter {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.readline, self.encoding]);
        t.slot(&self.tokens);
        t.slot(&self.error);
    }
}

/// The numbers of `token.py`.
fn number(kind: K) -> i64 {
    match kind {
        K::EndOfFile => 0,
        K::Int | K::Float | K::Complex => 2,
        K::String => 3,
        K::Newline => 4,
        K::Indent => 5,
        K::Dedent => 6,
        K::Lpar => 7,
        K::Rpar => 8,
        K::Lsqb => 9,
        K::Rsqb => 10,
        K::Colon => 11,
        K::Comma => 12,
        K::Semi => 13,
        K::Plus => 14,
        K::Minus => 15,
        K::Star => 16,
        K::Slash => 17,
        K::Vbar => 18,
        K::Amper => 19,
        K::Less => 20,
        K::Greater => 21,
        K::Equal => 22,
        K::Dot => 23,
        K::Percent => 24,
        K::Lbrace => 25,
        K::Rbrace => 26,
        K::EqEqual => 27,
        K::NotEqual => 28,
        K::LessEqual => 29,
        K::GreaterEqual => 30,
        K::Tilde => 31,
        K::CircumFlex => 32,
        K::LeftShift => 33,
        K::RightShift => 34,
        K::DoubleStar => 35,
        K::PlusEqual => 36,
        K::MinusEqual => 37,
        K::StarEqual => 38,
        K::SlashEqual => 39,
        K::PercentEqual => 40,
        K::AmperEqual => 41,
        K::VbarEqual => 42,
        K::CircumflexEqual => 43,
        K::LeftShiftEqual => 44,
        K::RightShiftEqual => 45,
        K::DoubleStarEqual => 46,
        K::DoubleSlash => 47,
        K::DoubleSlashEqual => 48,
        K::At => 49,
        K::AtEqual => 50,
        K::Rarrow => 51,
        K::Ellipsis => 52,
        K::ColonEqual => 53,
        K::Exclamation => 54,
        K::Unknown => OP,
        K::FStringStart => 59,
        K::FStringMiddle => 60,
        K::FStringEnd => 61,
        K::TStringStart => 62,
        K::TStringMiddle => 63,
        K::TStringEnd => 64,
        K::Comment => 65,
        K::NonLogicalNewline => 66,
        // Keywords are names here.
        _ => 1,
    }
}

const OP: i64 = 55;

/// All lines that `readline` gives.
fn read_source(th: &mut Thread, readline: Value) -> R<String> {
    let mut source = String::new();
    loop {
        let line = match th.call(readline, &[]) {
            Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.stop_iteration) => {
                th.take_exc();
                return Ok(source);
            }
            line => line?,
        };
        let before = source.len();
        match line.cast::<Str>() {
            Some(s) => source.push_str(&s.to_string()),
            None => {
                let Some(data) = th.buffer(line)? else {
                    return Err(th.type_error("readline() returned a non-string object"));
                };
                source.push_str(&String::from_utf8_lossy(&data));
            }
        }
        if source.len() == before {
            return Ok(source);
        }
    }
}

/// Adds a token to the list.
fn add(
    th: &mut Thread,
    list: Ref<List>,
    number: i64,
    text: &str,
    places: [(i64, i64); 2],
    line: &str,
) -> R<()> {
    let [from, to] =
        places.map(|(line, column)| th.tuple_value(&[Value::small(line), Value::small(column)]));
    let (text, line) = (th.str_value(text), th.str_value(line));
    let token = th.tuple_value(&[Value::small(number), text, from, to, line]);
    list.push(th, token)
}

/// Makes the tokens of a source; the list, and the exception that ends it or null.
fn tokens_of(th: &mut Thread, source: &str, extra: bool) -> R<(Value, Value)> {
    let source = crate::syntax::source::normalise_newlines(source);
    let lines = LineIndex::new(&source);
    let list = List::new(th, &[]);
    let parsed = parse_unchecked(&source, ParseOptions::from(Mode::Module));
    let bad = parsed.errors().iter().find(|e| match &e.error {
        // A sign that the language has no use for is a token all the same: `inspect` looks for `$`.
        ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken { tok }) => !tok.is_ascii(),
        ParseErrorType::Lexical(_) => true,
        _ => false,
    });
    let place = |offset: usize| {
        let line = lines.line(offset as u32);
        let start = source[..offset].rfind('\n').map_or(0, |at| at + 1);
        (line as i64, source[start..offset].chars().count() as i64)
    };
    for token in parsed.tokens().iter() {
        let (kind, range) = (token.kind(), token.range());
        if bad.is_some_and(|e| range.start() >= e.location.start()) {
            break;
        }
        let text = &source[range];
        let (from, mut to) = (place(range.start().into()), place(range.end().into()));
        let mut number = number(kind);
        match kind {
            K::Newline | K::NonLogicalNewline => {
                // The end belongs to the line that it ends.
                to = (from.0, from.1 + 1);
                if !extra && kind == K::NonLogicalNewline {
                    continue;
                }
            }
            K::Comment if !extra => continue,
            K::Dedent => to = from,
            K::EndOfFile => break,
            _ if extra && (7..=54).contains(&number) => number = OP,
            _ => {}
        }
        let first = source[..usize::from(range.start())]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let end = usize::from(range.end());
        let end = if source[..end].ends_with('\n') && end > first {
            end
        } else {
            source[end..]
                .find('\n')
                .map_or(source.len(), |at| end + at + 1)
        };
        let line = &source[first..end];
        add(th, list, number, text, [from, to], line)?;
    }
    let Some(bad) = bad else {
        let last = (source.lines().count() as i64 + 1, 0);
        add(th, list, 0, "", [last, last], "")?;
        return Ok((list.value(), Value::NULL));
    };
    let e = SyntaxErr::at(
        bad.error.to_string(),
        bad.location,
        &source,
        &lines,
        "<string>",
    );
    match raise_syntax_error(th, e) {
        Fail::Raise => {
            let e = th.take_exc();
            Ok((list.value(), e))
        }
        fail => Err(fail),
    }
}

fn next_token(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = th.native_self::<TokenizerIter>(a[0], "TokenizerIter")?;
    let mut tokens = th.get(it, &it.tokens)?;
    if tokens.is_null() {
        let source = read_source(th, it.readline)?;
        let (list, error) = tokens_of(th, &source, it.extra)?;
        tokens = list;
        th.set(it, &it.tokens, list)?;
        th.set(it, &it.error, error)?;
    }
    let at = th.get_raw(it, &it.at)? as usize;
    let v = match tokens.cast::<List>() {
        Some(list) => list.get(th, at)?,
        None => Value::NULL,
    };
    if v.is_null() {
        let error = th.get(it, &it.error)?;
        if !error.is_null() {
            return Err(th.raise_value(error));
        }
        return Err(th.stop_iteration(Value::NULL));
    }
    th.set_raw(it, &it.at, at as u64 + 1)?;
    Ok(v)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_tokenize");
    let class = th.new_type::<TokenizerIter>("_tokenize.TokenizerIter", 0, |t| {
        t.new(
            "TokenizerIter(cls, readline, /, *, encoding=None, extra_tokens=False)",
            |th, a| {
                let extra = !a[3].is_null() && th.truth(a[3])?;
                let payload = TokenizerIter {
                    readline: a[1],
                    encoding: a[2],
                    extra,
                    tokens: Slot::new(Value::NULL),
                    at: RawSlot::new(0),
                    error: Slot::new(Value::NULL),
                };
                let class = a[0].as_class().expect("the call has checked the class");
                Ok(th.new_native(class, payload).value())
            },
        );
        t.methods(&[
            ("__iter__(self, /)", |_, a| Ok(a[0])),
            ("__next__(self, /)", next_token),
        ]);
    });
    th.define(module.dict(), "TokenizerIter", class.value());
    Ok(module)
}
