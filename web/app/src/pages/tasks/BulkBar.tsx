import { useSyncExternalStore } from 'react';
import { count, number } from '../../data/format';
import { Button, Progress } from '../../ui';
import { bulkRuns } from './bulk';
import styles from './Tasks.module.css';

interface BulkBarProps {
  selected: number;
  total: number;
  all: boolean;
  onAll: () => void;
  onEdit: () => void;
  onClear: () => void;
}

/** What can be done to the rows that are selected. */
export function BulkBar({ selected, total, all, onAll, onEdit, onClear }: BulkBarProps) {
  return (
    <div role="group" aria-label="Selection" className={styles.bulk}>
      <p role="status">
        <strong>{all ? `All ${count(total, 'task')}` : count(selected, 'task')}</strong> selected
      </p>
      {!all && selected < total && (
        <Button size="sm" variant="ghost" onClick={onAll}>
          Select all {number(total)}
        </Button>
      )}
      <Button size="sm" variant="primary" icon="edit" needs="operator of all" onClick={onEdit}>
        Change…
      </Button>
      <Button size="sm" variant="ghost" icon="close" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}

/** Bulk changes that are being made. */
export function BulkProgress() {
  const runs = useSyncExternalStore(bulkRuns.subscribe, bulkRuns.get);
  return runs.map((run) => (
    <Progress
      key={run.job}
      showLabel
      label={`${run.undo ? 'Putting back' : 'Changing'} ${count(run.matched, 'task')}: ${number(run.done)} done`}
      value={run.done}
      max={Math.max(1, run.matched)}
    />
  ));
}
