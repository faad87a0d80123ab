import type { Preview } from './book';

export type Level = 'ok' | 'warning' | 'critical';

export interface Segment {
  /** Of the whole, 0 to 100. */
  from: number;
  width: number;
  level: Level;
}

/** The time that counts as parts of the way from the start to the deadline, split where a level begins. */
export function segments(preview: Preview): Segment[] {
  if (!preview.deadline) return [];
  const start = Date.parse(preview.start);
  const whole = Date.parse(preview.deadline) - start;
  if (whole <= 0) return [];
  const warning = preview.warning_at ? Date.parse(preview.warning_at) : Infinity;
  const critical = preview.critical_at ? Date.parse(preview.critical_at) : Infinity;
  const parts: Segment[] = [];
  for (const stretch of preview.worked) {
    const to = Date.parse(stretch.to);
    let from = Date.parse(stretch.from);
    while (from < to) {
      const level: Level = from >= critical ? 'critical' : from >= warning ? 'warning' : 'ok';
      const next = Math.min(to, ...[warning, critical].filter((at) => at > from));
      parts.push({ from: ((from - start) / whole) * 100, width: ((next - from) / whole) * 100, level });
      from = next;
    }
  }
  return parts;
}
