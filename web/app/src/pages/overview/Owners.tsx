import { useState } from 'react';
import { Link } from 'wouter';
import { count, dateTime, money, moneyCompact, number } from '../../data/format';
import { Avatar, Button, Card, Countdown } from '../../ui';
import { Changing } from './Changing';
import { listAddress, ownerKey, type Owner } from './figures';
import styles from './Owners.module.css';
import type { Figures } from './queries';

const FIRST = 7;

/** Who carries how much open work: the API ranks them by pressure. */
export function Owners({ figures, past }: { figures: Figures; past: boolean }) {
  const [all, setAll] = useState(false);
  const { owners, lists } = figures;
  const shown = all ? owners : owners.slice(0, FIRST);
  const most = Math.max(1, ...owners.map((owner) => owner.workload_score));
  return (
    <Card title="Owners" description="By workload: open, red, yellow and due within 24 hours, weighed" flush>
      {owners.length === 0 ? (
        <p className={styles.none}>Nobody has open tasks.</p>
      ) : (
        <ul aria-label="Owners, most pressed first">
          {shown.map((owner) => (
            <Row key={ownerKey(owner)} owner={owner} share={owner.workload_score / most} lists={lists?.owners.get(ownerKey(owner))} past={past} />
          ))}
        </ul>
      )}
      {owners.length > FIRST && (
        <p className={styles.more} data-screen-only>
          <Button variant="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? `Only the first ${FIRST}` : `All ${number(owners.length)} owners`}
          </Button>
        </p>
      )}
    </Card>
  );
}

interface RowProps {
  owner: Owner;
  /** Of the highest score. */
  share: number;
  lists: Readonly<Record<string, string>> | undefined;
  past: boolean;
}

function Row({ owner, share, lists, past }: RowProps) {
  const parts = [
    { status: 'RED', word: 'red', value: owner.critical_tasks, link: lists?.critical_tasks },
    { status: 'YELLOW', word: 'yellow', value: owner.warning_tasks, link: lists?.warning_tasks },
    { status: 'GREEN', word: 'green', value: owner.normal_tasks, link: lists?.normal_tasks },
  ];
  const address = listAddress(lists?.total_active_tasks, { sort: 'sla_deadline', direction: 'asc' });
  const name = <Avatar name={owner.current_owner ?? null} withName />;
  return (
    <li className={styles.row}>
      <span className={styles.name} title={[owner.current_owner, owner.owner_email].filter(Boolean).join(', ') || undefined}>
        {address ? <Link href={address}>{name}</Link> : name}
      </span>
      <span className={styles.score} title="0.3 for each open task, 10 for each red, 5 for each yellow, 20 for each due within 24 hours">
        <span className="visually-hidden">Workload </span>
        <Changing value={owner.workload_score}>{number(owner.workload_score)}</Changing>
      </span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.fill} style={{ width: `${share * 100}%` }}>
          {parts.map(({ status, value }) => value > 0 && <span key={status} data-status={status} style={{ flexGrow: value }} />)}
        </span>
      </span>
      <span className={styles.counts}>
        {parts.map(
          ({ status, word, value, link }, at) =>
            value > 0 && (
              <span key={status}>
                {parts.slice(0, at).some((part) => part.value > 0) && ' · '}
                {link ? <Link href={listAddress(link) ?? '/tasks'}>{`${number(value)} ${word}`}</Link> : `${number(value)} ${word}`}
              </span>
            ),
        )}
        <span title={money(owner.total_value_managed)}> · {moneyCompact(owner.total_value_managed)}</span>
        {owner.overdue_tasks > 0 && (
          <>
            {' · '}
            {lists?.overdue_tasks ? (
              <Link href={listAddress(lists.overdue_tasks) ?? '/tasks'}>{`${number(owner.overdue_tasks)} late`}</Link>
            ) : (
              `${count(owner.overdue_tasks, 'late', 'late')}`
            )}
          </>
        )}
      </span>
      <span className={styles.deadline}>
        {owner.next_deadline && (past ? `Due ${dateTime(owner.next_deadline)}` : <Countdown deadline={owner.next_deadline} />)}
      </span>
    </li>
  );
}
