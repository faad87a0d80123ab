import type { components } from '@workflow-intelligence/client';

export type Explanation = components['schemas']['Explanation'];

/** A stretch of a mail's text: new, or quoted from an earlier mail. */
export interface Stretch {
  quoted: boolean;
  start: number;
  end: number;
}

const ATTRIBUTION = /(wrote|writes|schrieb|a écrit|escribió|ha scritto)\s*:?\s*$/i;
const SEPARATOR = /^\s*-{2,}\s*(original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{2,}\s*$/i;
const HEADER = /^\s*(from|von|de|da)\s*:\s*\S/i;
const MORE_HEADERS = /^\s*(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto)\s*:/i;

/** Tells what a mail says itself from what it quotes. */
export function stretches(text: string): Stretch[] {
  const lines = text.split('\n');
  const quoted = lines.map((line) => /^\s*>/.test(line));
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const block = HEADER.test(line) && at > 0 && lines.slice(at + 1, at + 5).filter((next) => MORE_HEADERS.test(next)).length >= 2;
    if (SEPARATOR.test(line) || block) {
      quoted.fill(true, at);
      break;
    }
    // Who wrote it belongs to the quote that follows.
    const next = lines.findIndex((other, place) => place > at && other.trim() !== '');
    if (next > 0 && ATTRIBUTION.test(line) && quoted[next]) quoted.fill(true, at, next);
  }
  for (let at = 1; at < lines.length - 1; at++) {
    if (lines[at]!.trim() === '' && quoted[at - 1] && quoted.slice(at).find((_, place) => lines[at + place]!.trim() !== '')) quoted[at] = true;
  }
  const found: Stretch[] = [];
  let start = 0;
  lines.forEach((line, at) => {
    const end = start + line.length + (at < lines.length - 1 ? 1 : 0);
    const last = found.at(-1);
    if (last && last.quoted === quoted[at]) last.end = end;
    else found.push({ quoted: quoted[at]!, start, end });
    start = end;
  });
  return found.filter(({ start, end, quoted }) => quoted || text.slice(start, end).trim() !== '');
}

export interface Place {
  field: string;
  start: number;
  end: number;
}

/** A text in which spans are looked for: a subject or a body. */
export interface Searched {
  key: string;
  text: string;
}

/** Where a span stands: as a word of its own if it can, with any white space where it has some. */
function find(text: string, span: string): { start: number; end: number } | undefined {
  const escaped = span
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(String.raw`\s+`);
  if (escaped === '') return undefined;
  for (const [pattern, flags] of [
    [String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, 'u'],
    [String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, 'iu'],
    [escaped, 'iu'],
  ] as const) {
    const match = new RegExp(pattern, flags).exec(text);
    if (match) return { start: match.index, end: match.index + match[0].length };
  }
  return undefined;
}

/** For each field the first of the texts that holds its span, and where. */
export function locate(texts: readonly Searched[], analysis: Readonly<Record<string, Explanation>>): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const [field, { span }] of Object.entries(analysis)) {
    if (!span) continue;
    for (const { key, text } of texts) {
      const at = find(text, span);
      if (!at) continue;
      places.set(key, [...(places.get(key) ?? []), { field, ...at }]);
      break;
    }
  }
  return places;
}

export interface Piece {
  text: string;
  /** Fields whose span it belongs to. */
  fields: string[];
}

/** Cuts a stretch of text at the edges of the places in it; places may overlap. */
export function pieces(text: string, places: readonly Place[], start = 0, end = text.length): Piece[] {
  const inside = places.filter((place) => place.start < end && place.end > start);
  const edges = [start, end, ...inside.flatMap((place) => [place.start, place.end])];
  const cuts = [...new Set(edges.map((edge) => Math.max(start, Math.min(end, edge))))].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, at) => ({
    text: text.slice(from, cuts[at + 1]),
    fields: inside.filter((place) => place.start <= from && place.end > from).map(({ field }) => field),
  }));
}
