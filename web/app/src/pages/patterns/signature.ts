/** A piece of a signature: words as they are written, or a place that varies. */
export interface Piece {
  text: string;
  /** `slot`: varies as its words say; `shape`: digits or letters in a number; `gap`: any words. */
  kind: 'word' | 'slot' | 'shape' | 'gap';
}

/** What recurs, and where. */
export interface Part {
  /** Such as Subject, Sentence, Sender. */
  label: string;
  pieces: Piece[];
}

const NUMBERS: Record<string, string> = {
  po: 'Purchase order number',
  order: 'Order number',
  quote: 'Quote number',
  case: 'Case number',
  part: 'Part number',
  tracking: 'Tracking number',
};

/** Reads a signature: `Category: from DOMAIN, subject "…"`, `sentence "…"` or `number KIND SHAPE`. */
export function readSignature(signature: string, category: string): Part[] {
  let rest = signature.startsWith(`${category}: `) ? signature.slice(category.length + 2) : signature;
  const parts: Part[] = [];
  const from = /^from ([^\s,]+)(?:, |$)/.exec(rest);
  if (from) {
    parts.push({ label: 'Sender', pieces: [{ text: from[1]!, kind: 'word' }] });
    rest = rest.slice(from[0].length);
  }
  const quoted = /^(subject|sentence) "(.*)"$/s.exec(rest);
  const number = /^number (\S+) (.+)$/.exec(rest);
  if (quoted) parts.push({ label: quoted[1] === 'subject' ? 'Subject' : 'Sentence', pieces: words(quoted[2]!) });
  else if (number) parts.push({ label: NUMBERS[number[1]!] ?? `Number (${number[1]})`, pieces: shape(number[2]!) });
  else if (rest) parts.push({ label: 'Structure', pieces: words(rest) });
  return parts;
}

/** Words, places in braces, and gaps. */
function words(template: string): Piece[] {
  const pieces: Piece[] = [];
  for (const token of template.split(/(\{[^}]*\}|(?<=^|\s)\*(?=\s|$))/)) {
    if (token === '') continue;
    if (token === '*') pieces.push({ text: 'any words', kind: 'gap' });
    else if (/^\{.*\}$/.test(token)) pieces.push({ text: slot(token.slice(1, -1)), kind: 'slot' });
    else pieces.push({ text: token, kind: 'word' });
  }
  return pieces;
}

/** A place's name: as it is if it has one, otherwise by its shape. */
function slot(inside: string): string {
  if (inside === '#') return 'number';
  if (inside === 'A') return 'letters';
  return inside;
}

/** A number's form: runs of digits and of letters, and what stands between. */
function shape(form: string): Piece[] {
  return form
    .split(/(#|(?<![A-Za-z])A(?![A-Za-z]))/)
    .filter(Boolean)
    .map((text) => ({ text, kind: text === '#' || text === 'A' ? 'shape' : 'word' }));
}

/** What a trend from -1 to 1 means. */
export function trendWords(trend: number): { word: string; direction: 'up' | 'down' | 'flat' } {
  if (trend >= 0.999) return { word: 'New', direction: 'up' };
  if (trend <= -0.999) return { word: 'Gone lately', direction: 'down' };
  if (trend > 0.5) return { word: 'Rising fast', direction: 'up' };
  if (trend > 0.1) return { word: 'Rising', direction: 'up' };
  if (trend < -0.5) return { word: 'Fading fast', direction: 'down' };
  if (trend < -0.1) return { word: 'Fading', direction: 'down' };
  return { word: 'Steady', direction: 'flat' };
}
