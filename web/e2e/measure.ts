import type { Page } from 'playwright-core';

/** What a page has measured of itself. */
export interface Measured {
  /** Milliseconds from each click, key or press until what came of it was painted, with what was done. */
  interactions: { what: string; duration: number }[];
  /** Milliseconds between two frames, while frames were counted. */
  frames: number[];
}

interface Measuring {
  what: string;
  counting: boolean;
  frames: number[];
  interactions: Map<number, { what: string; duration: number }>;
}

type Measurable = typeof globalThis & { measuring: Measuring };

/** Has every document of the page measure, from its beginning. */
export async function measure(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const measuring: Measuring = { what: '', counting: false, frames: [], interactions: new Map() };
    (globalThis as Measurable).measuring = measuring;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEventTiming & { interactionId?: number })[]) {
        if (!entry.interactionId) continue;
        const known = measuring.interactions.get(entry.interactionId);
        // A press and its release are one interaction, as long as the longer of them.
        if (!known || known.duration < entry.duration) {
          measuring.interactions.set(entry.interactionId, { what: known?.what ?? measuring.what, duration: entry.duration });
        }
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true } as PerformanceObserverInit);
    let last = 0;
    const frame = (now: number) => {
      if (measuring.counting && last) measuring.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** Names what is done from now on. */
export async function doing(page: Page, what: string): Promise<void> {
  await page.evaluate((what) => ((globalThis as Measurable).measuring.what = what), what);
}

/** Counts frames while something is done; gives them. */
export async function frames(page: Page, action: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => Object.assign((globalThis as Measurable).measuring, { counting: true, frames: [] }));
  await action();
  return page.evaluate(() => {
    const { measuring } = globalThis as Measurable;
    measuring.counting = false;
    return measuring.frames;
  });
}

/** The interactions so far, of the document that is shown. */
export async function interactions(page: Page): Promise<Measured['interactions']> {
  // Entries come after the paint they measure.
  await page.waitForTimeout(500);
  return page.evaluate(() => [...(globalThis as Measurable).measuring.interactions.values()]);
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

export function sayFrames(what: string, frames: readonly number[]): string {
  const long = frames.filter((frame) => frame > 50);
  return `${what}: ${frames.length} frames, longest ${Math.round(Math.max(0, ...frames))} ms, p98 ${Math.round(percentile(frames, 98))} ms, ${long.length} over 50 ms`;
}

export function sayInteractions(found: Measured['interactions']): string {
  const lines = [...new Set(found.map(({ what }) => what))].map((what) => {
    const durations = found.filter((one) => one.what === what).map(({ duration }) => duration);
    return `  ${what}: ${durations.length}, median ${percentile(durations, 50)} ms, longest ${Math.max(...durations)} ms`;
  });
  const all = found.map(({ duration }) => duration);
  return [`${all.length} interactions, p50 ${percentile(all, 50)} ms, p98 ${percentile(all, 98)} ms, longest ${Math.max(0, ...all)} ms`, ...lines].join('\n');
}
