import type { TaskRow } from './model';

type Cards = readonly TaskRow[];
type Compare = (a: TaskRow, b: TaskRow) => number;

export const without = (cards: Cards, id: string): Cards => {
  const at = cards.findIndex((card) => card.task_id === id);
  return at < 0 ? cards : cards.toSpliced(at, 1);
};

/** The sorted cards with this one at its place, instead of what there was of it. */
export function withCard(cards: Cards, card: TaskRow, compare: Compare): Cards {
  const rest = without(cards, card.task_id);
  let low = 0;
  let high = rest.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rest[middle]!, card) < 0) low = middle + 1;
    else high = middle;
  }
  return rest.toSpliced(low, 0, card);
}

/** The cards with one more page behind them. Of a task that is in both, the newer version stays. */
export function withPage(cards: Cards, page: Cards, compare: Compare): Cards {
  const have = new Map(cards.map((card) => [card.task_id, card]));
  for (const row of page) {
    const known = have.get(row.task_id);
    if (!known || known.version < row.version) have.set(row.task_id, row);
  }
  return [...have.values()].sort(compare);
}

/** The cards with their first page fetched again: what is gone from its stretch goes, what is behind it stays. */
export function withHead(cards: Cards, page: Cards, more: boolean, keep: (id: string) => boolean, compare: Compare): Cards {
  const last = page.at(-1);
  const stay = cards.filter(
    (card) => keep(card.task_id) || page.some((row) => row.task_id === card.task_id) || (more && last !== undefined && compare(card, last) > 0),
  );
  return withPage(stay, page, compare);
}
