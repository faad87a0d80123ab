import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../data/http';
import { usePeople } from '../../data/people';
import { permission } from '../../notifications/desktop';
import { KIND_NAMES, KINDS } from '../../notifications/notice';
import { changePreferences, DEFAULTS, LEVELS } from '../../notifications/preferences';
import { usePreferences } from '../../notifications/useNotices';
import { Button, Card, classes, Combobox, Field, Icon, Input, Select, Switch } from '../../ui';
import styles from './Notifications.module.css';

/** What this browser tells of. Each change takes effect at once and is kept here, not on the server. */
export function PreferencesForm() {
  const wishes = usePreferences();
  return (
    <>
      <Desktop />
      <Card
        title="Events"
        description="Never more than three toasts at once: many events are told as one."
        actions={
          <Button size="sm" variant="ghost" icon="undo" onClick={() => changePreferences(DEFAULTS)}>
            Set back
          </Button>
        }
      >
        <ul className={styles.kinds} aria-label="Events">
          {KIND_NAMES.map((kind) => {
            const { word, what, icon, tone } = KINDS[kind];
            return (
              <li key={kind} className={styles.kind}>
                <span className={classes(styles.icon, styles[tone])}>
                  <Icon name={icon} size={18} />
                </span>
                <span className={styles.what}>
                  <span className={styles.word}>{word}</span>
                  <span className={styles.quiet}>{what}</span>
                </span>
                <Select
                  className={styles.level}
                  aria-label={word}
                  value={wishes.levels[kind]}
                  choices={LEVELS}
                  onChange={(level) => changePreferences({ levels: { ...wishes.levels, [kind]: level } })}
                />
              </li>
            );
          })}
        </ul>
      </Card>
      <Narrowing />
    </>
  );
}

function Narrowing() {
  const { name, mine, least } = usePreferences();
  const people = usePeople();
  const owners = useQuery({
    queryKey: ['metrics', 'now'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/metrics', { signal })),
  });
  const names = [
    ...new Set([...(people.data?.people.map((person) => person.name) ?? []), ...(owners.data?.owners.map((owner) => owner.current_owner) ?? [])]),
  ].filter((one): one is string => !!one);
  return (
    <Card title="Only some of them">
      <div className={styles.fields}>
        <Field label="Your name" hint="As it stands on tasks you own.">
          {(field) => <Combobox {...field} value={name} onChange={(value) => changePreferences({ name: value })} choices={names.map((value) => ({ value, label: value }))} />}
        </Field>
        <Field label="Least value in dollars" hint="Holds for events that state a value: critical, new and completed tasks.">
          {(field) => (
            <Input
              {...field}
              type="number"
              min={0}
              step={100}
              inputMode="numeric"
              value={least === 0 ? '' : least}
              placeholder="0"
              onChange={(event) => changePreferences({ least: Math.max(0, Number(event.target.value) || 0) })}
            />
          )}
        </Field>
      </div>
      <div className={styles.mine}>
        <Switch label="Only tasks I own, and comments that mention me" checked={mine} disabled={name.trim() === ''} onChange={(on) => changePreferences({ mine: on })} />
        {name.trim() === '' && <p className={styles.quiet}>Say your name first. Batches concern everybody.</p>}
      </div>
    </Card>
  );
}

function Desktop() {
  const [allowed, setAllowed] = useState(permission());
  const words = {
    granted: 'Allowed. Events set to desktop appear there while this page is in the background.',
    denied: 'This browser has been told not to show them. Change that in its settings for this site.',
    default: 'Not allowed yet. The browser asks once you choose to allow them.',
    unsupported: 'This browser does not offer them here. They need a secure address.',
  }[allowed];
  return (
    <Card>
      <div className={styles.kind}>
        <span className={classes(styles.icon, allowed === 'granted' && styles.green)}>
          <Icon name="display" size={18} />
        </span>
        <span className={styles.what}>
          <span className={styles.word}>Desktop notifications</span>
          <span className={styles.quiet} role="status">
            {words}
          </span>
        </span>
        {allowed === 'default' && (
          <Button onClick={() => void Notification.requestPermission().then(setAllowed)}>Allow</Button>
        )}
      </div>
    </Card>
  );
}
