//! The tokens of the language, as the pre-scan sees them: what editors look at while a text does not parse.

use crate::source::Span;

/// Kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A character that starts no token, or a string in single quotes.
    Illegal,
    /// The end of the text.
    Eof,
    /// A name.
    Ident,
    /// Digits without a point or exponent.
    Number,
    /// Digits with a point or exponent.
    Float,
    /// Text in double quotes or backticks.
    String,
    /// `true`, `false`
    Bool,
    /// `null`
    Null,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `!`
    Not,
    /// `=`
    Assign,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
    /// `{`
    OpenCurly,
    /// `}`
    CloseCurly,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// The end of a line (or of the text) where a statement may end.
    Terminator,
}

impl Kind {
    /// How the token is named in a message.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Illegal => "an unknown character",
            Self::Eof => "the end of the file",
            Self::Ident => "a name",
            Self::Number | Self::Float => "a number",
            Self::String => "a string",
            Self::Bool => "a boolean",
            Self::Null => "`null`",
            Self::Or => "`||`",
            Self::And => "`&&`",
            Self::Not => "`!`",
            Self::Assign => "`=`",
            Self::Eq => "`==`",
            Self::Ne => "`!=`",
            Self::Lt => "`<`",
            Self::Le => "`<=`",
            Self::Gt => "`>`",
            Self::Ge => "`>=`",
            Self::Add => "`+`",
            Self::Sub => "`-`",
            Self::Mul => "`*`",
            Self::Div => "`/`",
            Self::Mod => "`%`",
            Self::Pow => "`^`",
            Self::OpenCurly => "`{`",
            Self::CloseCurly => "`}`",
            Self::OpenParen => "`(`",
            Self::CloseParen => "`)`",
            Self::OpenBracket => "`[`",
            Self::CloseBracket => "`]`",
            Self::Comma => "`,`",
            Self::Dot => "`.`",
            Self::Terminator => "the end of the line",
        }
    }

    /// Whether a value may begin with the token.
    pub(crate) fn starts_value(self) -> bool {
        matches!(
            self,
            Self::Ident
                | Self::Number
                | Self::Float
                | Self::String
                | Self::Bool
                | Self::Null
                | Self::Not
                | Self::Sub
                | Self::OpenCurly
                | Self::OpenParen
                | Self::OpenBracket
        )
    }

    /// Whether the token stands between two operands.
    pub fn is_infix(self) -> bool {
        matches!(
            self,
            Self::Or
                | Self::And
                | Self::Eq
                | Self::Ne
                | Self::Lt
                | Self::Le
                | Self::Gt
                | Self::Ge
                | Self::Add
                | Self::Sub
                | Self::Mul
                | Self::Div
                | Self::Mod
                | Self::Pow
        )
    }

    /// Whether the token opens a pair of brackets.
    pub fn opens(self) -> bool {
        matches!(self, Self::OpenCurly | Self::OpenParen | Self::OpenBracket)
    }

    /// Whether the token closes a pair of brackets.
    pub fn closes(self) -> bool {
        matches!(self, Self::CloseCurly | Self::CloseParen | Self::CloseBracket)
    }

    /// The token that closes this one; the token itself when it opens nothing.
    pub(crate) fn closer(self) -> Kind {
        match self {
            Self::OpenCurly => Self::CloseCurly,
            Self::OpenParen => Self::CloseParen,
            Self::OpenBracket => Self::CloseBracket,
            other => other,
        }
    }

    /// Whether a line that ends after the token may end a statement.
    pub fn ends_statement(self) -> bool {
        matches!(
            self,
            Self::Illegal
                | Self::Ident
                | Self::Number
                | Self::Float
                | Self::String
                | Self::Bool
                | Self::Null
                | Self::CloseCurly
                | Self::CloseParen
                | Self::CloseBracket
        )
    }
}

/// One token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its place.
    pub span: Span,
}
