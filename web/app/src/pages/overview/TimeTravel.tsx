import { useId, type FormEvent } from 'react';
import { date, dateTime, time } from '../../data/format';
import { serverNow } from '../../data/live';
import { toLocal } from '../../data/local';
import { Button, Icon, Input, usePopover } from '../../ui';
import styles from './TimeTravel.module.css';

interface TimeTravelProps {
  asOf: number | undefined;
  onChange: (asOf: number | undefined) => void;
}

/** Asks for an instant of the past. */
export function TimeTravel({ asOf, onChange }: TimeTravelProps) {
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  const id = useId();
  const go = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const instant = new Date(String(new FormData(event.currentTarget).get('at'))).getTime();
    if (!Number.isNaN(instant)) onChange(instant);
    close();
  };
  const ago = (hours: number) => () => {
    onChange(Math.floor(serverNow() / 60_000) * 60_000 - hours * 3_600_000);
    close();
  };
  return (
    <>
      <Button ref={anchor} icon="calendar" aria-haspopup="dialog" aria-expanded={open} onClick={() => (open ? close() : show())} data-screen-only>
        <span>{asOf === undefined ? 'Look back' : dateTime(asOf)}</span>
      </Button>
      <div ref={floating} popover="auto" role="dialog" aria-label="Look back" className={styles.panel} data-screen-only>
        {open && (
          <form onSubmit={go} className={styles.form}>
            <label htmlFor={id}>The figures as they were on</label>
            <Input
              id={id}
              name="at"
              type="datetime-local"
              required
              autoFocus
              defaultValue={toLocal(asOf ?? serverNow() - 24 * 3_600_000)}
              max={toLocal(serverNow())}
            />
            <div className={styles.actions}>
              <Button variant="ghost" size="sm" onClick={ago(24)}>
                A day ago
              </Button>
              <Button variant="ghost" size="sm" onClick={ago(168)}>
                A week ago
              </Button>
              <Button type="submit" variant="primary" size="sm">
                Show
              </Button>
            </div>
          </form>
        )}
      </div>
    </>
  );
}

/** Says that these are not the figures of now. */
export function PastBanner({ asOf, onLive }: { asOf: number; onLive: () => void }) {
  return (
    <div className={styles.banner} role="status">
      <Icon name="clock" />
      <p>
        <strong>
          Showing {date(asOf)}, {time(asOf)}.
        </strong>{' '}
        Lists, the forecast and the series are of now, so they are left out.
      </p>
      <Button variant="primary" size="sm" onClick={onLive} data-screen-only>
        Back to live
      </Button>
    </div>
  );
}
