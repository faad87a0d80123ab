import { useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import { count } from '../../data/format';
import { seeMissed } from '../../notifications/inbox';
import { KIND_NAMES, KINDS, type Kind } from '../../notifications/notice';
import { NoticeList } from '../../notifications/NoticeList';
import { markAllRead } from '../../notifications/readState';
import { useNotices } from '../../notifications/useNotices';
import { Button, ButtonLink, Card, EmptyState, ErrorState, Icon, MultiSelect, Skeleton, Spring, Switch, Toolbar } from '../../ui';
import styles from './Notifications.module.css';

/** Rows shown at first, and with each wish for more. */
const STEP = 50;

function isKind(value: string): value is Kind {
  return value in KINDS;
}

export function Centre() {
  const [params, setParams] = useSearchParams();
  const { all, unread, state, problem } = useNotices();
  const [limit, setLimit] = useState(STEP);
  const kinds = params.getAll('kind').filter(isKind);
  const onlyUnread = params.get('unread') === 'true';
  const change = (edit: (params: URLSearchParams) => void) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        edit(next);
        return next;
      },
      { replace: true },
    );
  const clear = () => setParams({}, { replace: true });
  const filtered = kinds.length > 0 || onlyUnread;
  const found = all.filter((notice) => (kinds.length === 0 || kinds.includes(notice.kind)) && (!onlyUnread || notice.unread));
  const missed = found.filter((notice) => notice.missed && notice.unread);
  const others = found.filter((notice) => !(notice.missed && notice.unread));
  const shown = others.slice(0, Math.max(0, limit - missed.length));

  // Who has looked at them here was told.
  useEffect(() => () => seeMissed(), []);

  if (state === 'failed') return <ErrorState error={problem} title="Notifications could not be loaded" onRetry={() => location.reload()} />;
  if (state === 'loading') return <Skeleton label="Loading notifications" rows={8} />;
  return (
    <>
      <Toolbar label="Filters">
        <MultiSelect
          label="Kind"
          choices={KIND_NAMES.map((kind) => ({
            value: kind,
            label: KINDS[kind].word,
            icon: <Icon name={KINDS[kind].icon} />,
            count: all.filter((notice) => notice.kind === kind).length,
          }))}
          selected={kinds}
          onChange={(chosen) =>
            change((next) => {
              next.delete('kind');
              for (const kind of chosen) next.append('kind', kind);
            })
          }
        />
        <Switch label="Unread only" checked={onlyUnread} onChange={(on) => change((next) => (on ? next.set('unread', 'true') : next.delete('unread')))} />
        {filtered && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
        <Spring />
        {unread > 0 && all[0] && (
          <Button icon="check" onClick={() => markAllRead(all[0]!.id)}>
            Mark all as read
          </Button>
        )}
      </Toolbar>
      {missed.length > 0 && (
        <Card flush title="While you were away" description={count(missed.length, 'notification')}>
          <NoticeList roomy label="While you were away" notices={missed.slice(0, limit)} />
        </Card>
      )}
      {shown.length > 0 && (
        <Card flush {...(missed.length > 0 ? { title: 'Before and since' } : {})}>
          <NoticeList roomy label="Notifications" notices={shown} />
        </Card>
      )}
      {found.length === 0 && (
        <Card flush>
          {filtered ? (
            <EmptyState icon="filter" title={onlyUnread && kinds.length === 0 ? 'Everything is read' : 'No notification matches'} action={<Button onClick={clear}>Clear the filters</Button>} />
          ) : (
            <EmptyState icon="bell" title="Nothing to report" action={<ButtonLink to="/notifications?tab=preferences">Choose what to hear of</ButtonLink>}>
              Deadlines that come close and critical tasks appear here.
            </EmptyState>
          )}
        </Card>
      )}
      {found.length > 0 && (
        <div className={styles.more}>
          <p role="status">
            {count(Math.min(limit, found.length), 'notification')}
            {found.length > limit && ` of ${found.length}`}
          </p>
          {found.length > limit && <Button onClick={() => setLimit(limit + STEP)}>Show more</Button>}
        </div>
      )}
    </>
  );
}
