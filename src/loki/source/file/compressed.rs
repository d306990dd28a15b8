//! Compressed files: each is read once, from its beginning to its end. What is remembered is how many lines of it
//! were delivered, which is also what the original writes to `positions.yml`.

use super::args::Format;
use super::generation::Chunk;
use super::identity::{FileId, Fingerprint, open};
use super::lines::{LONGEST_LINE, Text};
use super::tail::{Place, Seen};
use super::task::{PathMetrics, Retry, Task};
use bytes::BytesMut;
use component::Shutdown;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::Ordering;

/// How much decompressed text is taken at once.
const CHUNK: usize = 256 * 1024;

/// A compressed file, open.
struct Archive {
    decoder: Box<dyn Read + Send>,
    id: FileId,
    fingerprint: Fingerprint,
    text: Text,
    /// Lines that were delivered earlier and are still to come.
    skip: u64,
    /// Lines that came out, skipped ones among them.
    lines: u64,
    /// Decompressed and not yet given.
    rest: BytesMut,
    /// The first bytes were looked at for a byte order mark.
    begun: bool,
    /// Nothing more comes out of the decoder, and whether that is an error not reported yet.
    ended: Option<io::Result<()>>,
}

impl Archive {
    /// Opens the file; `delivered` tells how many lines of which file are done. The file may be another one by now.
    fn open(path: &Path, format: Format, text: Text, delivered: &Delivered) -> io::Result<Self> {
        let file = open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let (id, fingerprint) = (FileId::of(&meta), Fingerprint::longest(&file)?);
        let skip = match &delivered.of {
            Some(place) if place.id != id || !place.fingerprint.fits(&file)? => 0,
            _ => delivered.lines,
        };
        let decoder: Box<dyn Read + Send> = match format {
            Format::Gz => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::new(file))),
            Format::Z => Box::new(flate2::read::ZlibDecoder::new(io::BufReader::new(file))),
            Format::Bz2 => Box::new(bzip2::read::MultiBzDecoder::new(io::BufReader::new(file))),
        };
        Ok(Self { decoder, id, fingerprint, text, skip, lines: 0, rest: BytesMut::new(), begun: false, ended: None })
    }

    /// The next lines, or `None` at the end of the file.
    ///
    /// # Errors
    /// When the file is damaged, or ends in the middle. What came before was given.
    fn next(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            if let Some(Part { bytes, piece }) = self.whole() {
                let raw = self.rest.split_to(bytes).freeze();
                let text = self.text.decode(raw);
                self.lines += if piece { 0 } else { super::lines::count(&text) };
                let text = self.unskipped(text, piece);
                if text.is_empty() {
                    continue;
                }
                return Ok(Some(Chunk { text, from: self.id, end: self.lines, sum: None, piece }));
            }
            match self.ended.replace(Ok(())) {
                None => self.ended = self.fill(),
                Some(ended) => return ended.map(|()| None),
            }
        }
    }

    /// Decompresses more. `Some` when nothing more comes, and why.
    fn fill(&mut self) -> Option<io::Result<()>> {
        let start = self.rest.len();
        self.rest.resize(start + CHUNK, 0);
        let mut end = start;
        let ended = loop {
            if end == self.rest.len() {
                break None;
            }
            match self.decoder.read(&mut self.rest[end..]) {
                Ok(0) => break Some(Ok(())),
                Ok(got) => end += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Err(error)),
            }
        };
        self.rest.truncate(end);
        if !self.begun && end > 0 {
            self.begun = true;
            let (mark, text) = self.text.by_mark(&self.rest);
            self.text = text;
            let _mark = self.rest.split_to(mark as usize);
        }
        ended
    }

    /// How much of the rest can be given: whole lines, and at the end of an undamaged file everything.
    fn whole(&self) -> Option<Part> {
        let part = |bytes, piece| Some(Part { bytes, piece });
        match self.text.whole_lines(&self.rest) {
            Some(bytes) => part(bytes, false),
            None if self.rest.len() >= LONGEST_LINE => part(self.text.piece(&self.rest), true),
            None if matches!(self.ended, Some(Ok(()))) && !self.rest.is_empty() => part(self.rest.len(), false),
            None => None,
        }
    }

    /// `text` without the lines that were delivered earlier.
    fn unskipped(&mut self, mut text: bytes::Bytes, piece: bool) -> bytes::Bytes {
        if piece {
            return if self.skip > 0 { bytes::Bytes::new() } else { text };
        }
        while self.skip > 0 && !text.is_empty() {
            let line = memchr::memchr(b'\n', &text).map_or(text.len(), |at| at + 1);
            let _skipped = text.split_to(line);
            self.skip -= 1;
        }
        text
    }

    fn place(&self, lines: u64) -> Place {
        Place { id: self.id, fingerprint: self.fingerprint, offset: lines, sum: None }
    }
}

/// A part of the rest of an archive.
struct Part {
    bytes: usize,
    piece: bool,
}

/// How many lines were delivered, and of which file if that is known.
#[derive(Clone, Copy, Default)]
struct Delivered {
    lines: u64,
    of: Option<Place>,
}

impl Task {
    /// Reads the compressed file at the path, and again when it is replaced, until `stop` or until the target is gone.
    pub(super) async fn run_compressed(&self, text: Text, stop: &Shutdown, metrics: &PathMetrics) {
        let delay = self.options.decompression.initial_delay.std();
        if !delay.is_zero() && stop.or(tokio::time::sleep(delay)).await.is_none() {
            return;
        }
        let mut delivered = self.stored();
        let mut retry = Retry::default();
        let mut watched = None;
        while !stop.is_stopping() {
            let (seen, archive) = match self.open_archive(text, delivered).await {
                Ok(opened) => opened,
                Err(error) => {
                    // Nothing that is seen of the file changes when it may be opened.
                    if !retry.after(self, &error, stop).await {
                        return;
                    }
                    continue;
                }
            };
            retry = Retry::default();
            if let Some(archive) = archive
                && let Err(error) = self.read_archive(archive, &mut delivered, stop, metrics).await
            {
                let at = delivered.lines;
                tracing::error!(component_id = %self.shared.context.id, path = self.key.path, %error, lines = at, "the compressed file cannot be read to its end; it is read on when it changes");
            }
            if self.ending.load(Ordering::SeqCst) || stop.is_stopping() {
                return;
            }
            self.wait(&mut watched, seen, None, stop).await;
        }
    }

    /// Where the store says that reading stands.
    fn stored(&self) -> Delivered {
        let lines = self.shared.store.positions.get(&self.key).and_then(|text| text.parse().ok()).unwrap_or(0);
        Delivered { lines, of: self.shared.store.places(&self.key).first().copied() }
    }

    /// Opens the file at the path, if there is one.
    async fn open_archive(&self, text: Text, delivered: Delivered) -> io::Result<(Seen, Option<Archive>)> {
        let (path, format) = (self.key.path.clone(), self.options.decompression.format);
        let open = move || {
            // Before it is opened: a change in between is found by the next look.
            let seen = Seen::look(Path::new(&path))?;
            match Archive::open(Path::new(&path), format, text, &delivered) {
                Ok(archive) => Ok((seen, Some(archive))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((seen, None)),
                Err(error) => Err(error),
            }
        };
        tokio::task::spawn_blocking(open).await.map_err(io::Error::other)?
    }

    /// Delivers what is in the file and was not delivered before.
    async fn read_archive(
        &self,
        mut archive: Archive,
        delivered: &mut Delivered,
        stop: &Shutdown,
        metrics: &PathMetrics,
    ) -> io::Result<()> {
        self.begin();
        *delivered = Delivered { lines: archive.skip, of: Some(archive.place(archive.skip)) };
        while !stop.is_stopping() {
            let step = move || {
                let next = archive.next();
                (archive, next)
            };
            let (back, next) = tokio::task::spawn_blocking(step).await.map_err(io::Error::other)?;
            archive = back;
            let Some(chunk) = next? else { return Ok(()) };
            let Some(lines) = self.deliver(&chunk, stop).await else { return Ok(()) };
            metrics.lines.add(lines as u64);
            *delivered = Delivered { lines: chunk.end, of: Some(archive.place(chunk.end)) };
            self.shared.store.put(&self.key, chunk.end, vec![archive.place(chunk.end)]);
        }
        Ok(())
    }
}
