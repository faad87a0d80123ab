import { useState } from 'react';
import { ConfirmDialog, Menu, type MenuItem } from '../../../ui';
import { useJobAction, orToast } from './act';
import { ACTIONS, ALL_ACTIONS, allows, type BulkAction, type Job } from './jobs';

/** What can be done to one job; what cannot be taken back asks first. */
export function useJobActions(job: Job | undefined, onDeleted?: () => void) {
  const [asked, setAsked] = useState<BulkAction>();
  const act = useJobAction();
  // To retry one that is to be tried again anyway is to run it now.
  const possible = ALL_ACTIONS.filter((action) => job && allows(action, job.state) && !(action === 'retry' && job.state === 'retryable'));
  const start = (action: BulkAction) => {
    if (!job) return;
    if (ACTIONS[action].danger) setAsked(action);
    else orToast(act(action, job), `Job ${job.id} could not be ${ACTIONS[action].done}`);
  };
  const dialog = job && asked && (
    <ConfirmDialog
      open
      onClose={() => setAsked(undefined)}
      title={`${ACTIONS[asked].verb} job ${job.id}?`}
      confirm={`${ACTIONS[asked].verb} job`}
      danger
      reason="optional"
      onConfirm={async (reason) => {
        await act(asked, job, reason);
        if (asked === 'delete') onDeleted?.();
      }}
    >
      {asked === 'cancel'
        ? job.state === 'running'
          ? `Stops ${job.kind} while it runs. What it has committed stays. It can be retried later.`
          : `${job.kind} will not run. It can be retried later.`
        : `Removes ${job.kind} with its ${job.attempts.length} attempts. It cannot be brought back.`}
    </ConfirmDialog>
  );
  return { possible, start, dialog };
}

export function JobMenu({ job }: { job: Job }) {
  const { possible, start, dialog } = useJobActions(job);
  const items: MenuItem[] = [
    { label: 'Open', icon: 'eye', to: `/ops/jobs/${job.id}` },
    ...possible.map((action) => ({
      label: action === 'run' ? 'Run now' : ACTIONS[action].verb,
      icon: ACTIONS[action].icon,
      danger: ACTIONS[action].danger,
      needs: 'operator of all' as const,
      onSelect: () => start(action),
    })),
  ];
  return (
    <>
      <Menu label={`Actions for job ${job.id}`} size="sm" items={items} />
      {dialog}
    </>
  );
}
