import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { count, number } from '../../../data/format';
import { Button, DataTable, Select } from '../../../ui';
import { FormProblem } from '../shared/Form';
import type { Book } from './book';
import styles from './Sla.module.css';

const DAYS = ['7', '30', '90'] as const;

/** Replays the past under another book, when it is asked for. */
export function WhatIf({ book }: { book: Book }) {
  const [days, setDays] = useState<(typeof DAYS)[number]>('30');
  const replay = useMutation({ mutationFn: () => unwrap(http.POST('/api/sla/what-if', { body: { book, days: Number(days) } })) });
  const result = replay.data;
  return (
    <details className={styles.details}>
      <summary>What it would have been in the past</summary>
      <div className={styles.stack}>
        <div className={styles.amount}>
          <Select
            aria-label="How far to look back"
            value={days}
            choices={DAYS.map((value) => ({ value, label: `The last ${value} days` }))}
            onChange={setDays}
          />
          <Button busy={replay.isPending} onClick={() => replay.mutate()}>
            Replay
          </Button>
        </div>
        <FormProblem problem={replay.error} shown={[]} />
        {result && (
          <>
            <dl className={styles.figures}>
              <div>
                <dt>Breaches as they were</dt>
                <dd>{number(result.actual_breaches)}</dd>
              </div>
              <div>
                <dt>Would have been</dt>
                <dd>{number(result.would_breaches)}</dd>
              </div>
              <div>
                <dt>Other deadline</dt>
                <dd>{number(result.other_deadline)}</dd>
              </div>
            </dl>
            <p className={styles.quiet}>
              Of {count(result.matched, 'task')}: {number(result.spared)} spared, {number(result.added)} added.
              {result.stopped_at && ' Older tasks were left out.'}
            </p>
            {result.categories.length > 0 && (
              <DataTable
                caption="Breaches by category"
                rows={result.categories}
                rowKey={(row) => row.workflow_category}
                columns={[
                  { key: 'category', header: 'Category', rowHeader: true, cell: (row) => row.workflow_category },
                  { key: 'matched', header: 'Tasks', align: 'end', optional: true, cell: (row) => number(row.matched) },
                  { key: 'actual', header: 'Breaches', align: 'end', cell: (row) => number(row.actual_breaches) },
                  { key: 'would', header: 'Would be', align: 'end', cell: (row) => number(row.would_breaches) },
                ]}
              />
            )}
          </>
        )}
      </div>
    </details>
  );
}
