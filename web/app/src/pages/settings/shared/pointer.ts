import type { Problem } from '../../../data/problem';

/** A JSON pointer of these steps: `/week/mon/0`. */
export function pointer(...steps: (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A fault as a sentence. */
function sentence(detail: string): string {
  const text = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** What is wrong at exactly this place. */
export function faultAt(problem: Problem | null | undefined, place: string): string | undefined {
  const detail = problem?.at(place);
  return detail && sentence(detail);
}

/** What is wrong at this place or anywhere in it. */
export function faultIn(problem: Problem | null | undefined, place: string): string | undefined {
  const found = problem?.errors.filter((error) => error.pointer === place || error.pointer.startsWith(`${place}/`)) ?? [];
  return found.length > 0 ? [...new Set(found.map((error) => sentence(error.detail)))].join(' ') : undefined;
}

/** The faults that are at none of these places, which a form shows at its end. */
export function faultsElsewhere(problem: Problem | null | undefined, places: readonly string[]): { pointer: string; detail: string }[] {
  return (problem?.errors ?? []).filter((error) => !places.some((place) => error.pointer === place || error.pointer.startsWith(`${place}/`)));
}
