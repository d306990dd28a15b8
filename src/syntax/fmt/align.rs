//! Lines up columns. A cell ends at a tab or at [`CELL`]; a column is a run of lines that have a cell there, and it ends
//! with the run or at [`BREAK`]. White space at line ends goes away on the way out.

use super::printer::{BREAK, CELL, ESCAPE};

/// Width of a tab in an indentation.
const TAB: usize = 8;

/// Lays out `text`.
pub(super) fn align(text: &[u8]) -> Vec<u8> {
    let mut aligner = Aligner::default();
    aligner.lines.push(Vec::new());
    aligner.read(text);
    aligner.out.text
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Bytes.
    size: usize,
    /// Characters.
    width: usize,
    /// Ended by a tab; such a column is kept even when it is empty.
    hard: bool,
}

/// A block of lines that is being laid out, in the column that is its place on the stack.
struct Frame {
    /// The next line to look at.
    this: usize,
    /// The first line not written.
    first: usize,
    /// The line after the last.
    end: usize,
}

#[derive(Default)]
struct Aligner {
    /// Text of the waiting lines, without what ends cells.
    text: Vec<u8>,
    lines: Vec<Vec<Cell>>,
    /// The cell that is being read.
    cell: Cell,
    /// Bytes of `text` whose width is counted.
    counted: usize,
    /// Widths of the columns to the left.
    widths: Vec<usize>,
    /// Bytes of `text` that are written.
    written: usize,
    out: Trim,
}

impl Aligner {
    fn read(&mut self, text: &[u8]) {
        let mut from = 0;
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            match byte {
                b'\t' | CELL | b'\n' | BREAK => {
                    self.append(&text[from..at]);
                    self.count_width(0);
                    from = at + 1;
                    self.end_cell(byte == b'\t');
                    if matches!(byte, b'\n' | BREAK) {
                        self.end_line(byte == BREAK);
                    }
                    at += 1;
                }
                ESCAPE => {
                    let length = text[at + 1..].iter().position(|b| *b == ESCAPE);
                    let end = length.map_or(text.len(), |length| at + length + 2);
                    self.append(&text[from..at]);
                    self.count_width(0);
                    self.append(&text[at..end]);
                    self.count_width(2);
                    from = end;
                    at = end;
                }
                _ => at += 1,
            }
        }
        self.append(&text[from..]);
        self.count_width(0);
        self.flush();
    }

    fn append(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.cell.size += text.len();
    }

    /// Adds the characters not yet counted to the cell's width, without `hidden` of them.
    fn count_width(&mut self, hidden: usize) {
        let characters = self.text[self.counted..].iter().filter(|b| (**b & 0xc0) != 0x80).count();
        self.cell.width += characters.saturating_sub(hidden);
        self.counted = self.text.len();
    }

    fn end_cell(&mut self, hard: bool) {
        let cell = Cell { hard, ..std::mem::take(&mut self.cell) };
        if let Some(line) = self.lines.last_mut() {
            line.push(cell);
        }
    }

    /// A line with a single cell has no column that could go on below it, so that everything before it can be written.
    fn end_line(&mut self, run_ends: bool) {
        let alone = self.lines.last().is_some_and(|line| line.len() == 1);
        self.lines.push(Vec::new());
        if run_ends || alone {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.cell.size > 0 {
            self.end_cell(false);
        }
        self.layout();
        self.text.clear();
        self.lines.clear();
        self.lines.push(Vec::new());
        (self.cell, self.counted, self.written) = (Cell::default(), 0, 0);
    }

    /// Writes the waiting lines, column by column from the left. Each frame of the stack is one column further right.
    fn layout(&mut self) {
        let mut stack = vec![Frame { this: 0, first: 0, end: self.lines.len() }];
        while let Some(frame) = stack.last() {
            let column = self.widths.len();
            let (first, end) = (frame.first, frame.end);
            let Some(begin) = (frame.this..end).find(|line| self.has_column(*line, column)) else {
                self.write_lines(first, end);
                stack.pop();
                self.widths.pop();
                continue;
            };
            self.write_lines(first, begin);
            let stop = (begin..end).find(|line| !self.has_column(*line, column)).unwrap_or(end);
            let cells = || self.lines[begin..stop].iter().map(|line| line[column]);
            let empty = cells().all(|cell| cell.width == 0 && !cell.hard);
            let width = if empty { 0 } else { cells().map(|cell| cell.width + 1).max().unwrap_or(0) };
            if let Some(frame) = stack.last_mut() {
                (frame.this, frame.first) = (stop + 1, stop);
            }
            self.widths.push(width);
            stack.push(Frame { this: begin, first: begin, end: stop });
        }
        self.widths.clear();
    }

    /// The last cell of a line ends at no tab and belongs to no column.
    fn has_column(&self, line: usize, column: usize) -> bool {
        column + 1 < self.lines[line].len()
    }

    fn write_lines(&mut self, first: usize, end: usize) {
        for index in first..end {
            let mut indenting = true;
            for (column, cell) in self.lines[index].iter().enumerate() {
                let width = self.widths.get(column).copied();
                if cell.size == 0 {
                    if let Some(width) = width {
                        if indenting {
                            self.out.repeat(b'\t', width.div_ceil(TAB));
                        } else {
                            self.out.repeat(b' ', width);
                        }
                    }
                    continue;
                }
                indenting = false;
                self.out.write(&self.text[self.written..self.written + cell.size]);
                self.written += cell.size;
                if let Some(width) = width {
                    self.out.repeat(b' ', width.saturating_sub(cell.width));
                }
            }
            if index + 1 < self.lines.len() {
                self.out.write(b"\n");
            }
        }
    }
}

/// Drops white space before line ends and the marks around escaped text.
#[derive(Default)]
struct Trim {
    text: Vec<u8>,
    space: Vec<u8>,
    escaped: bool,
}

impl Trim {
    fn repeat(&mut self, byte: u8, times: usize) {
        self.space.resize(self.space.len() + times, byte);
    }

    fn write(&mut self, text: &[u8]) {
        for byte in text {
            match byte {
                &ESCAPE => {
                    self.text.append(&mut self.space);
                    self.escaped = !self.escaped;
                }
                _ if self.escaped => self.text.push(*byte),
                b'\t' | b' ' => self.space.push(*byte),
                &CELL => self.space.push(b'\t'),
                b'\n' | &BREAK => {
                    self.space.clear();
                    self.text.push(b'\n');
                }
                _ => {
                    self.text.append(&mut self.space);
                    self.text.push(*byte);
                }
            }
        }
    }
}
