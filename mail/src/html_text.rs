//! Lays out the text of an HTML body: lines, columns, quote marks.

/// Elements that start a new line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "header",
    "hr",
    "li",
    "ol",
    "pre",
    "section",
    "table",
    "tbody",
    "thead",
    "tr",
    "ul",
];

/// Longest content of a cell that is set into a row, in bytes.
const CELL: usize = 300;

/// Deepest nesting of cells that is laid out in rows.
const NESTED: usize = 40;

/// The text so far.
#[derive(Default)]
pub(crate) struct Out {
    text: String,
    /// Depth of quoted blocks.
    quotes: usize,
    /// A space is due before the next word.
    space: bool,
    /// Something was written on this line.
    started: bool,
    /// Inside `<pre>`, where line ends count.
    verbatim: bool,
    /// Where each open cell begins, and whether something stood on its line.
    cells: Vec<(usize, bool)>,
    /// Open cells beyond those.
    deeper: usize,
}

impl Out {
    /// Bytes written.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// What was written from there on.
    pub fn since(&self, from: usize) -> &str {
        self.text.get(from..).unwrap_or_default()
    }

    /// Writes words; white space of any length is one space.
    pub fn text(&mut self, words: &str) {
        for c in words.chars() {
            if c == '\n' && self.verbatim {
                self.line();
            } else if c.is_whitespace() {
                self.space = true;
            } else {
                self.mark();
                if self.space && self.started && !self.text.ends_with('\t') {
                    self.text.push(' ');
                }
                self.space = false;
                self.started = true;
                self.text.push(c);
            }
        }
    }

    /// Goes one level deeper into quotation.
    pub fn quote(&mut self) {
        self.fresh_line();
        self.quotes += 1;
    }

    /// Leaves a level of quotation.
    pub fn unquote(&mut self) {
        self.fresh_line();
        self.quotes = self.quotes.saturating_sub(1);
    }

    /// An element begins.
    pub fn begin(&mut self, name: &str) {
        match name {
            "td" | "th" => {
                if self.cells.len() < NESTED {
                    self.cells.push((self.text.len(), self.started));
                } else {
                    self.deeper += 1;
                }
            }
            "br" => self.line(),
            "hr" => {
                self.fresh_line();
                self.mark();
                self.text.push_str("________________________________");
                self.started = true;
                self.line();
            }
            "pre" => {
                self.verbatim = true;
                self.fresh_line();
            }
            "li" => {
                self.fresh_line();
                self.text("- ");
            }
            name if BLOCKS.contains(&name) => self.fresh_line(),
            _ => {}
        }
    }

    /// An element ends.
    pub fn end(&mut self, name: &str) {
        match name {
            "td" | "th" => self.end_cell(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.line();
                self.line();
            }
            "pre" => {
                self.verbatim = false;
                self.fresh_line();
            }
            name if BLOCKS.contains(&name) => self.fresh_line(),
            _ => {}
        }
    }

    /// A cell of one line stands beside the one before it; one of several lines keeps them.
    fn end_cell(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return self.tab();
        }
        let Some((from, in_row)) = self.cells.pop() else { return };
        let content = self.text.get(from..).unwrap_or_default();
        if content.len() <= CELL {
            let mut lines = content.lines().map(|line| line.trim_start_matches("> ").trim()).filter(|l| !l.is_empty());
            let only = lines.next().unwrap_or_default().to_owned();
            if lines.next().is_none() {
                self.text.truncate(from);
                self.started = in_row;
                self.space = false;
                if !only.is_empty() {
                    self.mark();
                    self.text.push_str(&only);
                    self.started = true;
                }
                return self.tab();
            }
        }
        self.fresh_line();
    }

    fn tab(&mut self) {
        if self.started {
            self.text.push('\t');
            self.space = false;
        }
    }

    fn mark(&mut self) {
        if !self.started {
            for _ in 0..self.quotes.min(20) {
                self.text.push_str("> ");
            }
        }
    }

    fn fresh_line(&mut self) {
        if self.started {
            self.line();
        }
    }

    fn line(&mut self) {
        if self.started || !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.started = false;
        self.space = false;
    }

    /// The whole text without blank ends.
    pub fn finish(self) -> String {
        let text = self.text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        text.trim_start_matches('\n').trim_end().to_owned()
    }
}
