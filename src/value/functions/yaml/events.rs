//! Events of a YAML text: a safe wrapper around the parser of libyaml, which Go's package descends from, too.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// What the parser found.
#[derive(Debug)]
pub(super) enum Data {
    Scalar {
        anchor: Option<String>,
        tag: Option<String>,
        value: String,
        plain: bool,
    },
    SequenceStart {
        anchor: Option<String>,
        tag: Option<String>,
    },
    MappingStart {
        anchor: Option<String>,
        tag: Option<String>,
    },
    CollectionEnd,
    Alias {
        anchor: String,
    },
    /// The end of the first document, or of a text without one.
    End,
    /// The beginning of a document of another version of YAML than 1.1.
    OtherVersion,
    /// Nothing that matters here.
    Other,
}

/// A parser of one text.
pub(super) struct Parser<'t> {
    /// On the heap, because it holds a pointer to itself.
    sys: Box<MaybeUninit<unsafe_libyaml::yaml_parser_t>>,
    text: PhantomData<&'t str>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, String> {
        let mut sys = Box::new(MaybeUninit::<unsafe_libyaml::yaml_parser_t>::uninit());
        let parser = sys.as_mut_ptr();
        // SAFETY: `parser` points to memory of the right size; the call initialises it or says that it did not.
        if unsafe { unsafe_libyaml::yaml_parser_initialize(parser) }.fail {
            return Err("not enough memory to read YAML".into());
        }
        // SAFETY: the parser is initialised and has no input yet; the text outlives it by the lifetime `'t`.
        unsafe {
            unsafe_libyaml::yaml_parser_set_encoding(parser, unsafe_libyaml::YAML_UTF8_ENCODING);
            unsafe_libyaml::yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
        }
        Ok(Self { sys, text: PhantomData })
    }

    /// The next event and its line. Not to be called again after an error or the end.
    pub(super) fn next(&mut self) -> Result<(Data, u64), String> {
        let parser = self.sys.as_mut_ptr();
        let mut event = MaybeUninit::<unsafe_libyaml::yaml_event_t>::uninit();
        // SAFETY: the parser is initialised; on success the call has filled in the event.
        if unsafe { unsafe_libyaml::yaml_parser_parse(parser, event.as_mut_ptr()) }.fail {
            // SAFETY: the parser stays valid after an error and holds its description.
            return Err(unsafe { problem(parser) });
        }
        // SAFETY: see above; the event is converted before it is deleted, once.
        let (data, line, explicit_end) = unsafe {
            let line = (*event.as_ptr()).start_mark.line + 1;
            let data = convert(&*event.as_ptr());
            let explicit_end =
                (*event.as_ptr()).type_ == unsafe_libyaml::YAML_DOCUMENT_END_EVENT && !(*event.as_ptr()).data.document_end.implicit;
            unsafe_libyaml::yaml_event_delete(event.as_mut_ptr());
            (data, line, explicit_end)
        };
        match data {
            Data::OtherVersion => Err(format!("not YAML: only version 1.1 can be read, line {line}")),
            Data::End => self.look_ahead(if explicit_end { LOOKAHEAD - 1 } else { LOOKAHEAD }).map(|()| (data, line)),
            data => Ok((data, line)),
        }
    }

    /// Reads the next `count` tokens after a document: the original's parser does, and refuses the text when one is broken.
    fn look_ahead(&mut self, count: usize) -> Result<(), String> {
        let parser = self.sys.as_mut_ptr();
        for _ in 0..count {
            let mut token = MaybeUninit::<unsafe_libyaml::yaml_token_t>::uninit();
            // SAFETY: the parser is initialised and without an error, and no event is asked for after the end; on success
            // the call has filled in the token, which is deleted once.
            unsafe {
                if unsafe_libyaml::yaml_parser_scan(parser, token.as_mut_ptr()).fail {
                    return Err(problem(parser));
                }
                unsafe_libyaml::yaml_token_delete(token.as_mut_ptr());
            }
        }
        Ok(())
    }
}

/// Tokens that the original's parser has read when it is through with a document.
const LOOKAHEAD: usize = 3;

impl Drop for Parser<'_> {
    fn drop(&mut self) {
        // SAFETY: `new` hands out initialised parsers only.
        unsafe { unsafe_libyaml::yaml_parser_delete(self.sys.as_mut_ptr()) }
    }
}

/// # Safety
/// `parser` must be initialised.
unsafe fn problem(parser: *const unsafe_libyaml::yaml_parser_t) -> String {
    // SAFETY: the pointer is valid as promised; the description is a constant or null.
    let (message, line) = unsafe {
        let parser = &*parser;
        let message = (!parser.problem.is_null()).then(|| CStr::from_ptr(parser.problem.cast()).to_string_lossy().into_owned());
        (message, parser.problem_mark.line + 1)
    };
    format!("not YAML: {}, line {line}", message.unwrap_or_else(|| "it cannot be read".into()))
}

/// # Safety
/// The event must come from the parser and not be deleted yet.
unsafe fn convert(event: &unsafe_libyaml::yaml_event_t) -> Data {
    // SAFETY: the type of the event says which member of the union is filled in.
    unsafe {
        match event.type_ {
            unsafe_libyaml::YAML_SCALAR_EVENT => {
                let scalar = &event.data.scalar;
                let bytes = std::slice::from_raw_parts(scalar.value.cast::<u8>(), scalar.length as usize);
                Data::Scalar {
                    anchor: text(scalar.anchor),
                    tag: text(scalar.tag),
                    value: String::from_utf8_lossy(bytes).into_owned(),
                    plain: scalar.style == unsafe_libyaml::YAML_PLAIN_SCALAR_STYLE,
                }
            }
            unsafe_libyaml::YAML_SEQUENCE_START_EVENT => {
                let start = &event.data.sequence_start;
                Data::SequenceStart { anchor: text(start.anchor), tag: text(start.tag) }
            }
            unsafe_libyaml::YAML_MAPPING_START_EVENT => {
                let start = &event.data.mapping_start;
                Data::MappingStart { anchor: text(start.anchor), tag: text(start.tag) }
            }
            unsafe_libyaml::YAML_SEQUENCE_END_EVENT | unsafe_libyaml::YAML_MAPPING_END_EVENT => Data::CollectionEnd,
            unsafe_libyaml::YAML_ALIAS_EVENT => Data::Alias { anchor: text(event.data.alias.anchor).unwrap_or_default() },
            unsafe_libyaml::YAML_DOCUMENT_END_EVENT | unsafe_libyaml::YAML_STREAM_END_EVENT => Data::End,
            unsafe_libyaml::YAML_DOCUMENT_START_EVENT => {
                let version = event.data.document_start.version_directive;
                if version.is_null() || ((*version).major, (*version).minor) == (1, 1) { Data::Other } else { Data::OtherVersion }
            }
            _ => Data::Other,
        }
    }
}

/// # Safety
/// `text` must be null or end with a zero byte.
unsafe fn text(text: *const u8) -> Option<String> {
    // SAFETY: as promised.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text.cast()) }.to_string_lossy().into_owned())
}
