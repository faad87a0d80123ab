import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { moneyCompact, number, percent } from '../../data/format';
import { Money, StatusIcon, type Status } from '../../ui';
import { Changing } from './Changing';
import styles from './Colours.module.css';
import { Delta } from './Delta';
import { listAddress, type Metrics } from './figures';
import type { Figures, Past } from './queries';

type Count = 'red_tasks' | 'yellow_tasks' | 'green_tasks' | 'completed_tasks';

const OPEN: { status: Status; label: string; count: Count; worse?: 'up' | 'down' }[] = [
  { status: 'RED', label: 'Red', count: 'red_tasks', worse: 'up' },
  { status: 'YELLOW', label: 'Yellow', count: 'yellow_tasks', worse: 'up' },
  { status: 'GREEN', label: 'Green', count: 'green_tasks' },
];

/** What completed tasks are worth: what all are worth that are not open. */
const completedValue = ({ total_revenue, active_revenue }: Pick<Metrics, 'total_revenue' | 'active_revenue'>) =>
  Math.round(100 * (total_revenue - active_revenue)) / 100;

/** How many are red, yellow and green, as parts of what is open, and how many are done. */
export function Colours({ figures, past }: { figures: Figures; past: Past }) {
  const open = figures.real_time.active_tasks;
  return (
    <section className={styles.colours} aria-label="Tasks by colour" data-card>
      <div className={styles.open}>
        <div className={styles.bar} aria-hidden="true">
          {OPEN.map(({ status, count }) => figures[count] > 0 && <span key={status} data-status={status} style={{ flexGrow: figures[count] }} />)}
        </div>
        <div className={styles.columns}>
          {OPEN.map(({ status, label, count, worse }) => (
            <Column
              key={status}
              status={status}
              label={label}
              value={figures[count]}
              before={past.before?.[count]}
              worse={worse}
              address={listAddress(figures.lists?.executive[count])}
              note={
                status === 'RED' ? (
                  <Money value={figures.revenue_at_risk} compact />
                ) : (
                  `${percent(open > 0 ? Math.round((100 * figures[count]) / open) : 0)} of ${number(open)} open`
                )
              }
            />
          ))}
        </div>
      </div>
      <div className={styles.done}>
        <Column
          status="COMPLETED"
          label="Completed"
          value={figures.completed_tasks}
          before={past.before?.completed_tasks}
          address={listAddress(figures.lists?.executive.completed_tasks)}
          note={moneyCompact(completedValue(figures))}
        />
      </div>
    </section>
  );
}

interface ColumnProps {
  status: Status;
  label: string;
  value: number;
  before: number | undefined;
  worse?: 'up' | 'down' | undefined;
  address: string | undefined;
  note: ReactNode;
}

function Column({ status, label, value, before, worse, address, note }: ColumnProps) {
  const name = (
    <>
      <StatusIcon status={status} />
      {label}
    </>
  );
  return (
    <div className={styles.column}>
      <p className={styles.name} data-status={status}>
        {address ? <Link href={address}>{name}</Link> : name}
      </p>
      <p className={styles.value} data-long={value >= 10_000 || undefined}>
        <Changing value={value}>{number(value)}</Changing>
        <Delta now={value} before={before} format={number} {...(worse && { worse })} />
      </p>
      <p className={styles.note}>{note}</p>
    </div>
  );
}
