import type { KeyboardEvent } from 'react';
import { useMay } from '../../data/session';
import { useShortcut } from '../../shell/shortcuts';
import type { BoardTools } from './BoardContext';
import { columnOf, type ColumnSpec } from './model';
import { wantedFocus } from './focus';

const FAR = 8;
const nothing = () => undefined;

/** The keys of the board, which act on the card that has the focus. */
export function useBoardKeys({ store, columns, changes, peek, assign }: BoardTools, visible: readonly ColumnSpec[]) {
  const mayEdit = useMay('operator');
  useShortcut('arrows', 'Go from card to card', nothing, 'Board');
  useShortcut('shift+←', 'Move the card one column to the left', nothing, 'Board', 'operator');
  useShortcut('shift+→', 'Move the card one column to the right', nothing, 'Board', 'operator');
  useShortcut('shift+↑', 'Raise the priority', nothing, 'Board', 'operator');
  useShortcut('shift+↓', 'Lower the priority', nothing, 'Board', 'operator');
  useShortcut('space', 'Look inside', nothing, 'Board');
  useShortcut('m', 'Move to..., priority and more', nothing, 'Board');
  useShortcut('a', 'Assign to...', nothing, 'Board', 'operator');

  return (event: KeyboardEvent<HTMLElement>) => {
    const link = event.target as HTMLElement;
    const id = link.dataset.link;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    const task = store.find(id);
    const columnId = store.columnWith(id);
    if (!task || columnId === undefined) return;
    const { cards } = store.column(columnId);
    const at = cards.findIndex((card) => card.task_id === id);

    const beside = (step: number) => {
      const here = visible.findIndex((column) => column.id === columnId);
      for (let next = here + step; next >= 0 && next < visible.length; next += step) {
        const there = store.column(visible[next]!.id).cards;
        if (there.length > 0) return wantedFocus.set(there[Math.min(at, there.length - 1)]!.task_id);
      }
    };
    const move = (step: number) => {
      const here = columns.findIndex((column) => column.id === columnOf(store.grouping, task));
      const to = columns[here + step];
      if (to) changes.move(task, to);
    };
    const go = (to: number) => wantedFocus.set(cards[Math.max(0, Math.min(cards.length - 1, to))]?.task_id);
    const actions: Record<string, () => void> = event.shiftKey
      ? {
          ArrowLeft: () => move(-1),
          ArrowRight: () => move(1),
          ArrowUp: () => changes.shiftPriority(task, true),
          ArrowDown: () => changes.shiftPriority(task, false),
        }
      : {
          ArrowLeft: () => beside(-1),
          ArrowRight: () => beside(1),
          ArrowUp: () => go(at - 1),
          ArrowDown: () => go(at + 1),
          PageUp: () => go(at - FAR),
          PageDown: () => go(at + FAR),
          Home: () => go(0),
          End: () => go(cards.length - 1),
          ' ': () => peek(id),
          m: () => link.closest('[data-task]')?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click(),
          a: () => assign(task),
        };
    const action = actions[event.key];
    if (!action || (!mayEdit && (event.shiftKey || event.key === 'a'))) return;
    event.preventDefault();
    action();
  };
}
