import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { dateTime, money, words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Avatar, Button, Card, EmptyState, ErrorState, RelativeTime, Select, Skeleton } from '../../ui';
import styles from './Activity.module.css';
import { filterGroups, groupsOf, type HistoryFilter, type HistoryGroup } from './history';
import { FIELD_NAMES, type HistoryEntry } from './types';

const SHOWN = 20;

/** Everything that happened to the task: who, what, from what to what, why and when. */
export function History({ taskId }: { taskId: string }) {
  const [filter, setFilter] = useState<HistoryFilter>('all');
  const [field, setField] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const history = useQuery({
    queryKey: ['task', taskId, 'history'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/history/{task_id}', { params: { path: { task_id: taskId } }, signal })),
  });
  const entries = history.data?.history ?? [];
  const groups = filterGroups(groupsOf(entries), filter, field);
  const fields = [...new Set(entries.map((entry) => entry.field))].sort();
  return (
    <Card
      title="History"
      actions={
        <span className={styles.filters} data-screen-only>
          <Select
            aria-label="Changes by"
            value={filter}
            choices={[
              { value: 'all', label: 'Everybody' },
              { value: 'people', label: 'People' },
              { value: 'automatic', label: 'Automatic' },
            ]}
            onChange={setFilter}
          />
          <Select
            aria-label="Changes of"
            value={field}
            choices={[{ value: '', label: 'Every field' }, ...fields.map((value) => ({ value, label: nameOf(value) }))]}
            onChange={setField}
          />
        </span>
      }
    >
      {history.error ? (
        <ErrorState error={history.error} title="The history could not be loaded" onRetry={() => void history.refetch()} />
      ) : history.isPending ? (
        <Skeleton label="Loading the history" rows={5} />
      ) : groups.length === 0 ? (
        <EmptyState
          icon="filter"
          title="No change matches"
          action={
            <Button
              onClick={() => {
                setFilter('all');
                setField('');
              }}
            >
              Clear the filters
            </Button>
          }
        />
      ) : (
        <>
          <ol className={styles.list}>
            {groups.slice(0, shown).map((group) => (
              <Group key={group.key} group={group} />
            ))}
          </ol>
          {groups.length > shown && (
            <Button size="sm" variant="ghost" onClick={() => setShown(shown + 100)}>
              Show {groups.length - shown} more
            </Button>
          )}
        </>
      )}
    </Card>
  );
}

function Group({ group }: { group: HistoryGroup }) {
  return (
    <li className={styles.item}>
      <Avatar name={group.by} size={24} />
      <div className={styles.body}>
        <p className={styles.who}>
          <strong>{group.by}</strong>
          <span className={styles.quiet}>
            <RelativeTime at={group.at} /> · version {group.version}
          </span>
        </p>
        <ul className={styles.changes}>
          {group.entries.map((entry) => (
            <li key={`${entry.id}-${entry.field}`}>
              <Entry entry={entry} />
            </li>
          ))}
        </ul>
        {group.reasons.map((reason) => (
          <p key={reason} className={styles.reason}>
            {reason}
          </p>
        ))}
      </div>
    </li>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { field, old_value: before, new_value: after } = entry;
  if (field === 'created') return <>Opened the task{after && <> as {shownAs('task_status', after)}</>}</>;
  if (field === 'deleted') return <>Deleted the task</>;
  if (/^comments?$/.test(field)) {
    return (
      <>
        <span className={styles.field}>{after === null ? 'Deleted a comment' : 'Commented'}</span> <Value field={field} value={after ?? before} />
      </>
    );
  }
  return (
    <>
      <span className={styles.field}>{nameOf(field)}</span> <Value field={field} value={before} />
      <span aria-hidden="true"> → </span>
      <span className="visually-hidden"> to </span>
      <Value field={field} value={after} />
    </>
  );
}

const LONG = 140;

function Value({ field, value }: { field: string; value: string | null }) {
  const [all, setAll] = useState(false);
  if (value === null || value === '' || value === '[]') return <span className={styles.quiet}>none</span>;
  const text = shownAs(field, value);
  if (text.length <= LONG) return <span className={styles.was}>{text}</span>;
  return (
    <>
      <span className={styles.was}>{all ? text : `${text.slice(0, LONG)}…`}</span>
      <button type="button" className={styles.more} onClick={() => setAll(!all)}>
        {all ? 'less' : 'more'}
      </button>
    </>
  );
}

const nameOf = (field: string) => FIELD_NAMES[field] ?? words(field);

/** A stored value as the rest of the page writes it. */
function shownAs(field: string, value: string): string {
  if (/(_status|_state|priority|waiting_on|breach_reason)$/.test(field)) return words(value);
  if (field === 'dollar_value' && Number.isFinite(Number(value))) return money(Number(value));
  if (/^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))) return dateTime(value);
  if (value.startsWith('["')) {
    try {
      return (JSON.parse(value) as unknown[]).map(String).join(', ');
    } catch {
      return value;
    }
  }
  return value;
}
