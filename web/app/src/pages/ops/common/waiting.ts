/** A part of the reason why a job does not run. */
export type WaitingPart = { text: string } | { job: string } | { at: string };

export interface Waiting {
  /** What is to be said before the parts to make a sentence of them. */
  lead: string;
  kind: 'slot' | 'time' | 'paused' | 'worker' | 'limit' | 'earlier' | 'other';
  parts: readonly WaitingPart[];
  /** What can be done about it. */
  advice?: string;
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/;

/** The API's `waiting_for`, with the jobs and instants in it apart, and what helps. */
export function explainWaiting(reason: string): Waiting {
  const parts: WaitingPart[] = [];
  let rest = reason.replace(/^its time: run_at is /, 'its time, ');
  while (rest) {
    const found = new RegExp(`\\bjob (\\d+)|${INSTANT.source}`).exec(rest);
    if (!found) break;
    const before = rest.slice(0, found.index);
    if (before) parts.push({ text: before });
    parts.push(found[1] ? { job: found[1] } : { at: found[0] });
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) parts.push({ text: rest });
  return { lead: leadOf(reason), parts, ...kindOf(reason) };
}

/** Some reasons are sentences, the others what it waits for. */
export function leadOf(reason: string): string {
  return /^(the queue is|no worker)/.test(reason) ? '' : 'it waits for ';
}

function kindOf(reason: string): { kind: Waiting['kind']; advice?: string } {
  if (/queue is paused/.test(reason)) return { kind: 'paused', advice: 'It goes on when the queue is resumed.' };
  if (reason.startsWith('its time')) return { kind: 'time', advice: 'Run now makes it due at once.' };
  if (reason.startsWith('an earlier')) return { kind: 'earlier', advice: 'Jobs of one task run in the order in which they were accepted.' };
  if (reason.startsWith('no worker')) return { kind: 'worker', advice: 'Start a worker that takes this queue, or let one take more.' };
  if (/^the (limit|rate) of/.test(reason)) return { kind: 'limit', advice: 'The limits of the queue can be changed on its page.' };
  if (reason.startsWith('a free slot')) return { kind: 'slot', advice: 'It is next as soon as a worker has a free slot.' };
  return { kind: 'other' };
}
