import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { number, percent } from '../../data/format';
import { Card, DataTable, Money, type Column, type Sort } from '../../ui';
import styles from './Categories.module.css';
import { listAddress, sorted, type Category } from './figures';
import type { Figures } from './queries';

type Key = Exclude<keyof Category, 'tasks_last_7d' | 'avg_value' | 'max_value'>;
const KEYS: readonly Key[] = [
  'workflow_category',
  'red_count',
  'yellow_count',
  'green_count',
  'completed_count',
  'total_tasks',
  'sla_violations',
  'value_at_risk',
  'total_value',
  'completion_rate',
  'avg_completion_days',
  'efficiency_score',
];

const FIRST: Sort = { key: 'value_at_risk', direction: 'desc' };

/** `-value_at_risk` in the address: by this column, the highest first. */
export function categorySort(text: string | null): Sort {
  const key = text?.replace(/^-/, '');
  return KEYS.some((known) => known === key) ? { key: key!, direction: text!.startsWith('-') ? 'desc' : 'asc' } : FIRST;
}

interface CategoriesProps {
  figures: Figures;
  sort: Sort;
  onSort: (sort: string) => void;
}

export function Categories({ figures, sort, onSort }: CategoriesProps) {
  const { categories, lists } = figures;
  const most = Math.max(1, ...categories.map((row) => row.red_count + row.yellow_count + row.green_count));
  const linked = (row: Category, figure: Key, text: ReactNode) => {
    const address = listAddress(lists?.categories.get(row.workflow_category)?.[figure]);
    return address ? (
      <Link href={address} className={styles.figure}>
        {text}
      </Link>
    ) : (
      text
    );
  };
  const columns: readonly Column<Category>[] = [
    {
      key: 'workflow_category',
      header: 'Category',
      rowHeader: true,
      sortable: true,
      cell: (row) => (
        <span className={styles.name}>
          {linked(row, 'total_tasks', row.workflow_category)}
          <span className={styles.track} aria-hidden="true">
            {(['red', 'yellow', 'green'] as const).map(
              (colour) =>
                row[`${colour}_count`] > 0 && (
                  <span key={colour} className={styles[colour]} style={{ width: `${(100 * row[`${colour}_count`]) / most}%` }} />
                ),
            )}
          </span>
        </span>
      ),
    },
    { key: 'value_at_risk', header: 'At risk', align: 'end', sortable: true, cell: (row) => linked(row, 'value_at_risk', <Money value={row.value_at_risk} compact />) },
    { key: 'red_count', header: 'Red', align: 'end', sortable: true, cell: (row) => linked(row, 'red_count', <Count value={row.red_count} strong />) },
    { key: 'yellow_count', header: 'Yellow', align: 'end', sortable: true, optional: true, cell: (row) => linked(row, 'yellow_count', <Count value={row.yellow_count} />) },
    { key: 'green_count', header: 'Green', align: 'end', sortable: true, optional: true, cell: (row) => linked(row, 'green_count', <Count value={row.green_count} />) },
    { key: 'sla_violations', header: 'Late', align: 'end', sortable: true, cell: (row) => linked(row, 'sla_violations', <Count value={row.sla_violations} strong />) },
    {
      key: 'completed_count',
      header: 'Completed',
      align: 'end',
      sortable: true,
      optional: true,
      cell: (row) => (
        <>
          {linked(row, 'completed_count', <Count value={row.completed_count} />)}
          {row.completion_rate != null && <span className={styles.aside}> {percent(row.completion_rate)}</span>}
        </>
      ),
    },
    {
      key: 'avg_completion_days',
      header: 'Days to complete',
      align: 'end',
      sortable: true,
      optional: true,
      cell: (row) => (row.avg_completion_days == null ? <Dash /> : number(row.avg_completion_days)),
    },
    { key: 'total_value', header: 'Value, completed included', align: 'end', sortable: true, optional: true, cell: (row) => <Money value={row.total_value} compact /> },
    {
      key: 'efficiency_score',
      header: 'Efficiency',
      align: 'end',
      sortable: true,
      cell: (row) =>
        row.efficiency_score == null ? (
          <Dash />
        ) : (
          <span className={styles.score}>
            <span className={styles.gauge} aria-hidden="true">
              <span style={{ width: `${row.efficiency_score}%` }} />
            </span>
            <span className={styles.points}>{number(row.efficiency_score)}</span>
          </span>
        ),
    },
  ];
  return (
    <Card title="Categories" description="Efficiency, 0 to 100: half for what is completed, half for what is not past its deadline" flush>
      <DataTable
        caption="Categories"
        columns={columns}
        rows={sorted(categories, sort.key as Key, sort.direction)}
        rowKey={(row) => row.workflow_category}
        sort={sort}
        onSort={({ key, direction }) => onSort(`${direction === 'desc' ? '-' : ''}${key}`)}
        empty={<p className={styles.none}>No tasks yet.</p>}
      />
    </Card>
  );
}

/** A nought is quiet, so that the others stand out. */
function Count({ value, strong = false }: { value: number; strong?: boolean }) {
  return <span className={value === 0 ? styles.nought : strong ? styles.strong : undefined}>{number(value)}</span>;
}

const Dash = () => <span className={styles.nought}>–</span>;
