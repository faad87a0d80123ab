import { memo } from 'react';
import { classes } from '../../ui';
import type { EditField, GridColumn } from './columns';
import type { TaskRow } from './filters';
import styles from './Grid.module.css';

/** What can be done to rows; the grid tells by clicks and keys which. */
export interface RowActions {
  toggle: (row: number) => void;
  /** Selects all from the row chosen last, or `from`, to this one. */
  selectTo: (row: number, from?: number) => void;
  edit: (task: TaskRow, field: EditField, cell: HTMLElement) => void;
  open: (task: TaskRow) => void;
  escape: () => void;
}

interface GridRowProps {
  index: number;
  top: number;
  height: number;
  /** Undefined while it is fetched. */
  task: TaskRow | undefined;
  columns: readonly GridColumn[];
  /** The column that Tab leads to, -1 in all rows but one. */
  active: number;
  selected: boolean;
}

/** Rendered again only if something of this row has changed. */
export const GridRow = memo(function GridRow({ index, top, height, task, columns, active, selected }: GridRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={!task || undefined}
      data-row={index}
      data-task={task?.task_id}
      className={styles.row}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" aria-colindex={1} data-column={0} tabIndex={active === 0 ? 0 : -1} className={styles.cell}>
        {task && <RowBox title={task.title} selected={selected} />}
      </span>
      {columns.map((column, at) => (
        <span
          key={column.key}
          role="gridcell"
          aria-colindex={at + 2}
          data-column={at + 1}
          tabIndex={active === at + 1 ? 0 : -1}
          aria-haspopup={task && column.edit ? 'dialog' : undefined}
          className={classes(styles.cell, column.align && styles.end, task && column.edit && styles.editable)}
        >
          {task ? column.cell(task) : <span className={styles.bone} />}
        </span>
      ))}
    </div>
  );
});

/** The grid hears the click; arrow keys and Space reach it as a cell. */
function RowBox({ title, selected }: { title: string; selected: boolean }) {
  return <input type="checkbox" className={styles.box} tabIndex={-1} aria-label={`Select ${title}`} checked={selected} readOnly />;
}
