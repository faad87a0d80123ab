import { createContext, useContext } from 'react';
import type { ColumnSpec, TaskRow } from './model';
import type { BoardStore } from './store';
import type { Changes } from './useChanges';

/** What cards and columns share; the same object for as long as the view is. */
export interface BoardTools {
  store: BoardStore;
  columns: readonly ColumnSpec[];
  changes: Changes;
  peek: (id: string) => void;
  assign: (task: TaskRow) => void;
}

export const BoardContext = createContext<BoardTools | null>(null);

export function useBoard(): BoardTools {
  const tools = useContext(BoardContext);
  if (!tools) throw new Error('outside of a board');
  return tools;
}
