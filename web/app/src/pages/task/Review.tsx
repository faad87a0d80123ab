import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Icon, toastProblem } from '../../ui';
import { agreement, correct } from './Correct';
import styles from './Task.module.css';
import { FIELD_NAMES, LOW_CONFIDENCE } from './types';
import { useEditing } from './useTask';

/** The task was read with little confidence: what to look at, and to agree or to correct. */
export function Review({ onCorrect }: { onCorrect: () => void }) {
  const { task } = useEditing();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const low = Object.entries(task.analysis)
    .filter(([field, { confidence }]) => field !== 'review' && confidence < LOW_CONFIDENCE)
    .map(([field]) => FIELD_NAMES[field] ?? field);
  const agree = async () => {
    setBusy(true);
    try {
      await correct(task, agreement(task));
      void queries.invalidateQueries({ queryKey: ['task', task.task_id] });
    } catch (cause) {
      toastProblem(cause, 'That was not saved');
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={styles.review} aria-label="Review">
      <Icon name="alert" size={18} />
      <p>
        <strong>Check this.</strong> The mail was read with little confidence
        {low.length > 0 ? `: ${low.join(', ')}.` : '.'}
      </p>
      <span className={styles.reviewActions} data-screen-only>
        <Button size="sm" icon="check" needs="operator of all" busy={busy} onClick={() => void agree()}>
          It is right
        </Button>
        <Button size="sm" icon="edit" needs="operator of all" onClick={onCorrect}>
          Correct
        </Button>
      </span>
    </section>
  );
}
