import { useVirtualizer, type Range } from '@tanstack/react-virtual';
import { defaultRangeExtractor } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { Checkbox, classes, Icon } from '../../ui';
import type { GridColumn } from './columns';
import type { Direction, SortKey } from './filters';
import styles from './Grid.module.css';
import { GridRow, type RowActions } from './GridRow';
import { recall, remember } from './place';
import type { TaskRows } from './rows';
import { isSelected, type Selection } from './selection';

/** A cell: column 0 has the box to select by. */
export interface Cell {
  row: number;
  column: number;
}

interface GridProps {
  rows: TaskRows;
  columns: readonly GridColumn[];
  rowHeight: number;
  selection: Selection;
  actions: RowActions;
  onSort: (sort: SortKey, direction: Direction) => void;
  onSelectAll: (on: boolean) => void;
  /** Told with each scroll whether the top is in sight. */
  onTop: (top: boolean) => void;
  children?: ReactNode;
}

/** The first order of a column that is chosen: soonest, most urgent, else newest and largest. */
const firstDirection = (sort: SortKey): Direction => (sort === 'sla_deadline' || sort === 'priority' ? 'asc' : 'desc');

/** A table of any length, of which only what is in sight is in the document. Arrow keys move from cell to cell. */
export function Grid({ rows, columns, rowHeight, selection, actions, onSort, onSelectAll, onTop, children }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Cell>(() => recall(rows.list) ?? { row: 0, column: 1 });
  const inside = useRef(false);
  const { count, look, list } = rows;
  const row = Math.min(active.row, Math.max(0, count - 1));

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: 40,
    initialOffset: () => recall(list)?.top ?? 0,
    // The cell that has the focus stays, wherever one scrolls.
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      return row < count && !shown.includes(row) ? [...shown, row].sort((a, b) => a - b) : shown;
    },
  });
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => look(first, last), [look, first, last, list]);
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  // Another list is read from its beginning, unless one comes back to it.
  const shownList = useRef(list);
  useLayoutEffect(() => {
    if (shownList.current === list) return;
    shownList.current = list;
    const place = recall(list);
    virtual.scrollToOffset(place?.top ?? 0);
    setActive(place ?? { row: 0, column: 1 });
  }, [list, virtual]);

  const focusCell = (cell: Cell) => {
    setActive(cell);
    remember(list, { top: scroller.current?.scrollTop ?? 0, ...cell });
    virtual.scrollToIndex(cell.row, { align: 'auto' });
    requestAnimationFrame(() => cellElement(cell)?.focus({ preventScroll: true }));
  };
  const cellElement = ({ row, column }: Cell) =>
    scroller.current?.querySelector<HTMLElement>(`[data-row="${row}"] > [data-column="${column}"]`);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = cellOf(event.target);
    if (!at || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const far = event.ctrlKey || event.metaKey;
    const to: Partial<Record<string, Cell>> = {
      ArrowDown: { ...at, row: at.row + 1 },
      ArrowUp: { ...at, row: at.row - 1 },
      ArrowRight: { ...at, column: at.column + 1 },
      ArrowLeft: { ...at, column: at.column - 1 },
      PageDown: { ...at, row: at.row + page },
      PageUp: { ...at, row: at.row - page },
      Home: { row: far ? 0 : at.row, column: 0 },
      End: { row: far ? count - 1 : at.row, column: columns.length },
    };
    const next = to[event.key];
    if (next) {
      event.preventDefault();
      const cell = { row: clamp(next.row, count - 1), column: clamp(next.column, columns.length) };
      if (event.shiftKey && cell.row !== at.row) actions.selectTo(cell.row, at.row);
      focusCell(cell);
      return;
    }
    const task = rows.at(at.row);
    if (!task) return;
    if (event.key === ' ') {
      event.preventDefault();
      actions.toggle(at.row);
    } else if (event.key === 'Enter' || event.key === 'F2') {
      event.preventDefault();
      const column = columns[at.column - 1];
      if (at.column === 0) actions.toggle(at.row);
      else if (column?.edit) actions.edit(task, column.edit, event.target as HTMLElement);
      else actions.open(task);
    } else if (event.key === 'Escape') {
      actions.escape();
    }
  };

  const onClick = (event: MouseEvent) => {
    const at = cellOf(event.target);
    const task = at && rows.at(at.row);
    if (!task) return;
    setActive(at);
    remember(list, { top: scroller.current?.scrollTop ?? 0, ...at });
    if (at.column === 0) {
      if ((event.target as HTMLElement).tagName !== 'INPUT') return;
      if (event.shiftKey) actions.selectTo(at.row);
      else actions.toggle(at.row);
      return;
    }
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || (event.target as HTMLElement).closest('a')) return;
    const column = columns[at.column - 1];
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[role=gridcell]');
    if (column?.edit && cell) actions.edit(task, column.edit, cell);
    else actions.open(task);
  };

  const template = `2.5rem ${columns.map((column) => column.width).join(' ')}`;
  const least = `${2.5 + columns.reduce((sum, column) => sum + column.least, 0)}rem`;
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        role="grid"
        aria-label="Tasks"
        aria-rowcount={count + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-busy={rows.switching}
        className={styles.grid}
        style={{ '--columns': template, '--least': least } as React.CSSProperties}
        onScroll={({ currentTarget: { scrollTop } }) => {
          remember(list, { top: scrollTop, ...active });
          onTop(scrollTop < rowHeight);
        }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={(event) => {
          inside.current = true;
          const at = cellOf(event.target);
          if (at && event.target.matches('[role=gridcell]') && (at.row !== active.row || at.column !== active.column)) setActive(at);
        }}
        onBlur={() => (inside.current = false)}
      >
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={styles.header}>
            <span role="columnheader" aria-colindex={1} className={styles.cell}>
              <Checkbox
                label="Select all tasks of this list"
                hideLabel
                checked={selection.all}
                indeterminate={!selection.all && selection.ids.size > 0}
                onChange={onSelectAll}
              />
            </span>
            {columns.map((column, at) => {
              const { sort } = column;
              const sorted = sort && rows.query.sort === sort ? rows.query.direction : undefined;
              return (
                <span
                  key={column.key}
                  role="columnheader"
                  aria-colindex={at + 2}
                  aria-sort={sorted && (sorted === 'asc' ? 'ascending' : 'descending')}
                  className={classes(styles.cell, column.align && styles.end)}
                >
                  {sort ? (
                    <button
                      type="button"
                      className={styles.sort}
                      onClick={() => onSort(sort, sorted ? (sorted === 'asc' ? 'desc' : 'asc') : firstDirection(sort))}
                    >
                      {column.header}
                      <Icon name={sorted === 'asc' ? 'up' : sorted === 'desc' ? 'down' : 'sort'} size={12} />
                    </button>
                  ) : (
                    column.header
                  )}
                </span>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const task = rows.at(item.index);
            return (
              <GridRow
                key={item.index}
                index={item.index}
                top={item.start}
                height={rowHeight}
                task={task}
                columns={columns}
                active={item.index === row ? active.column : -1}
                selected={isSelected(selection, task?.task_id)}
              />
            );
          })}
        </div>
      </div>
      {children}
    </div>
  );
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));

function cellOf(target: EventTarget): Cell | undefined {
  const cell = (target as HTMLElement).closest<HTMLElement>('[data-column]');
  const row = cell?.closest<HTMLElement>('[data-row]');
  return cell && row ? { row: Number(row.dataset.row), column: Number(cell.dataset.column) } : undefined;
}
