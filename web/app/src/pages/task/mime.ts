/** What of a mail people read. */
export interface ReadMail {
  /** Name and address as the mail spells them. */
  from: string | null;
  to: string | null;
  cc: string | null;
  text: string;
  /** Whether the text had to be taken out of HTML. */
  fromHtml: boolean;
  /** Whether there is HTML to show as it was meant. */
  hasHtml: boolean;
}

interface Part {
  headers: Map<string, string>;
  /** A character per byte. */
  body: string;
}

/** As many as the server reads; a mail beyond it is quarantined there. */
const DEPTH = 20;
const PARTS = 500;

/** Reads the raw bytes of a mail, or of one given as JSON. What it gives is text and nothing else. */
export function readMail(bytes: Uint8Array): ReadMail {
  const raw = binary(bytes);
  return (/^\s*\{/.test(raw) ? readJson(bytes) : undefined) ?? readMessage(raw);
}

function readMessage(raw: string): ReadMail {
  const whole = partOf(raw);
  const header = (name: string) => decodeHeader(whole.headers.get(name) ?? '') || null;
  const found = { plain: [] as string[], html: [] as string[], left: PARTS };
  collect(whole, found, 0);
  const plain = found.plain.join('\n\n').trim();
  return {
    from: header('from'),
    to: header('to'),
    cc: header('cc'),
    text: clean(plain || found.html.map(textOfHtml).join('\n\n')),
    fromHtml: plain === '' && found.html.length > 0,
    hasHtml: found.html.length > 0,
  };
}

function readJson(bytes: Uint8Array): ReadMail | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String).join(', ') : typeof value === 'string' ? value : null);
  const first = (...names: string[]) => names.map((name) => fields[name]).find((value): value is string => typeof value === 'string' && value !== '');
  const raw = first('raw');
  if (raw !== undefined) return readMessage(/^[\w+/=\s]+$/.test(raw) ? base64(raw) : binary(new TextEncoder().encode(raw)));
  const text = first('text', 'body', 'body_text');
  const html = first('html', 'body_html');
  return {
    from: list(fields.from),
    to: list(fields.to),
    cc: list(fields.cc),
    text: clean(text ?? textOfHtml(html ?? '')),
    fromHtml: text === undefined,
    hasHtml: html !== undefined,
  };
}

function collect(part: Part, found: { plain: string[]; html: string[]; left: number }, depth: number): void {
  if (depth > DEPTH || found.left-- <= 0) return;
  const type = (part.headers.get('content-type') ?? 'text/plain').toLowerCase();
  const boundary = parameter(part.headers.get('content-type') ?? '', 'boundary');
  if (type.startsWith('multipart/') && boundary) {
    for (const child of split(part.body, boundary)) collect(partOf(child), found, depth + 1);
    return;
  }
  if (/^\s*attachment/i.test(part.headers.get('content-disposition') ?? '')) return;
  if (type.startsWith('text/html')) found.html.push(decodeBody(part));
  else if (type.startsWith('text/plain') || !type.includes('/')) found.plain.push(decodeBody(part));
}

function partOf(raw: string): Part {
  const end = /\r?\n\r?\n/.exec(raw);
  const head = end ? raw.slice(0, end.index) : raw;
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    // A header twice is read by the first.
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: end ? raw.slice(end.index + end[0].length) : '' };
}

function split(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split(/\r?\n/)) {
    const bare = line.trimEnd();
    if (bare === `--${boundary}` || bare === `--${boundary}--`) {
      if (current) parts.push(current.join('\n'));
      current = bare.endsWith('--') && bare.length > boundary.length + 2 ? undefined : [];
    } else current?.push(line);
  }
  if (current) parts.push(current.join('\n'));
  return parts;
}

function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\*?=\\s*("([^"]*)"|[^;\\s]+)`, 'i').exec(header);
  return found?.[2] ?? found?.[1];
}

function decodeBody({ headers, body }: Part): string {
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase().trim();
  const bytes = encoding === 'base64' ? base64(body) : encoding === 'quoted-printable' ? quotedPrintable(body) : body;
  return decode(bytes, parameter(headers.get('content-type') ?? '', 'charset'));
}

/** RFC 2047: words such as =?utf-8?q?Caf=C3=A9?=. */
export function decodeHeader(value: string): string {
  const joined = value.replaceAll(/(\?=)\s+(=\?)/g, '$1$2');
  const words = joined.replaceAll(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, how: string, text: string) => {
    const bytes = how.toLowerCase() === 'b' ? base64(text) : quotedPrintable(text.replaceAll('_', ' '));
    return decode(bytes, charset.replace(/\*.*/, ''));
  });
  return clean(/[\u0080-\u00ff]/.test(joined) ? decode(joined, 'utf-8') : words).replaceAll(/\s+/g, ' ').trim();
}

function base64(text: string): string {
  try {
    return atob(text.replaceAll(/[^\w+/]/g, '').replace(/^((?:.{4})*).$/, '$1'));
  } catch {
    return '';
  }
}

function quotedPrintable(text: string): string {
  return text
    .replaceAll(/=[ \t]*\r?\n/g, '')
    .replaceAll(/=([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function binary(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return text;
}

function decode(text: string, charset = 'utf-8'): string {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  for (const name of [charset, 'utf-8']) {
    try {
      return new TextDecoder(name, { fatal: true }).decode(bytes);
    } catch {
      // Mails name charsets that nobody knows, or another than theirs.
    }
  }
  return new TextDecoder('windows-1252').decode(bytes);
}

/** One kind of line end; nothing that hides text or turns its direction. */
function clean(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replaceAll(/\n{4,}/g, '\n\n\n')
    .trimEnd();
}

const BLOCK = /^(P|DIV|BR|TR|LI|UL|OL|H[1-6]|TABLE|BLOCKQUOTE|SECTION|PRE)$/;

/** The words of HTML. The document it is read in is inert: no script runs and nothing is fetched. */
export function textOfHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  for (const element of parsed.querySelectorAll('script, style, head, template, noscript, [hidden]')) element.remove();
  let text = '';
  const walk = (node: Node) => {
    if (node.nodeType === Node.TEXT_NODE) text += (node.textContent ?? '').replaceAll(/\s+/g, ' ');
    for (const child of node.childNodes) walk(child);
    if (node instanceof Element && BLOCK.test(node.tagName)) text += '\n';
    else if (node instanceof Element && /^T[DH]$/.test(node.tagName)) text += '\t';
  };
  if (parsed.body) walk(parsed.body);
  return text.replaceAll(/[ \t]+\n/g, '\n').replaceAll(/\n[ ]+/g, '\n').replaceAll(/\n{3,}/g, '\n\n').trim();
}
