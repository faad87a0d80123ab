import { KINDS, KIND_NAMES, type Kind, type Notice } from './notice';

/** Toasts of single notices at once; more are told as one. */
export const SINGLE = 2;
/** Milliseconds a toast of notices stays. */
export const STAY = 8000;

/** What is being said at the moment. */
export interface Said {
  /** Single toasts: of which notice, and until when. */
  single: readonly { notice: Notice; until: number }[];
  /** The toast for many, and until when. */
  many?: { counts: Partial<Record<Kind, number>>; until: number } | undefined;
}

export const SILENT: Said = { single: [] };

/** What is said once these have come too. Many at once, or while others are still there, become one toast that counts. */
export function say(said: Said, notices: readonly Notice[], now: number): Said {
  const single = said.single.filter(({ until }) => until > now);
  const many = said.many && said.many.until > now ? said.many : undefined;
  if (notices.length === 0) return { single, many };
  if (!many && single.length + notices.length <= SINGLE) {
    return { single: [...single, ...notices.map((notice) => ({ notice, until: now + STAY }))] };
  }
  const counts: Partial<Record<Kind, number>> = { ...many?.counts };
  for (const { kind } of many ? notices : [...single.map(({ notice }) => notice), ...notices]) counts[kind] = (counts[kind] ?? 0) + 1;
  return { single: [], many: { counts, until: now + STAY } };
}

export function total(counts: Partial<Record<Kind, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

/** 3 SLA missed, 2 critical */
export function countsInWords(counts: Partial<Record<Kind, number>>): string {
  return KIND_NAMES.filter((kind) => counts[kind])
    .map((kind, at) => {
      const { word } = KINDS[kind];
      return `${counts[kind]} ${at === 0 || word.startsWith('SLA') ? word : word.charAt(0).toLowerCase() + word.slice(1)}`;
    })
    .join(', ');
}
