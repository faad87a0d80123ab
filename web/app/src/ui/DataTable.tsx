import type { ReactNode } from 'react';
import { classes } from './classes';
import styles from './DataTable.module.css';
import { Icon } from './icons';

export interface Column<Row> {
  /** Name of the column, also for sorting by it. */
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: 'start' | 'end';
  /** CSS width. */
  width?: string;
  sortable?: boolean;
  /** The one that names the row: a header cell. */
  rowHeader?: boolean;
  /** Left out on phones. */
  optional?: boolean;
}

export interface Sort {
  key: string;
  direction: 'asc' | 'desc';
}

interface DataTableProps<Row> {
  /** What the table lists, for readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort;
  /** Called with the next order when a header is chosen; the caller sorts. */
  onSort?: (sort: Sort) => void;
  /** What stands instead of rows. */
  empty?: ReactNode;
  selected?: (row: Row) => boolean;
}

/**
 * A table of up to some hundred rows. It scrolls by itself where it is wider than the screen; on a phone each row is a
 * small card, whose cells say what they are.
 */
export function DataTable<Row>({ caption, columns, rows, rowKey, sort, onSort, empty, selected }: DataTableProps<Row>) {
  if (rows.length === 0 && empty) return empty;
  return (
    <div className={styles.scroller} role="region" aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const sorted = sort?.key === column.key ? sort.direction : undefined;
              return (
                <th
                  key={column.key}
                  scope="col"
                  style={column.width ? { width: column.width } : undefined}
                  className={classes(column.align === 'end' && styles.end, column.optional && styles.optional)}
                  data-tool={column.sortable && onSort ? 'sort' : typeof column.header === 'string' ? undefined : 'head'}
                  aria-sort={sorted && (sorted === 'asc' ? 'ascending' : 'descending')}
                >
                  {column.sortable && onSort ? (
                    <button
                      type="button"
                      className={styles.sort}
                      onClick={() => onSort({ key: column.key, direction: sorted === 'desc' ? 'asc' : 'desc' })}
                    >
                      {column.header}
                      <Icon name={sorted === 'asc' ? 'up' : sorted === 'desc' ? 'down' : 'sort'} size={12} />
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-selected={selected?.(row) || undefined}>
              {columns.map((column) => {
                const className = classes(column.align === 'end' && styles.end, column.optional && styles.optional);
                return column.rowHeader ? (
                  <th key={column.key} scope="row" className={className}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} className={className} data-label={typeof column.header === 'string' ? column.header : undefined}>
                    {column.cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
