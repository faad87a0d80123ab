import { useEffect, useId, useRef, useState, type DragEvent } from 'react';
import { Button, classes, Combobox, Field, Icon } from '../../ui';
import { useMailboxNames } from './data';
import styles from './Upload.module.css';
import { UploadList } from './UploadList';
import { plan, start, type Refusal } from './uploads';

const TYPES = '.eml,.mbox,.mbx,.json,message/rfc822,application/mbox,application/json';

/** Takes files by drop or by the browser's own choice, and shows what becomes of them. */
export function UploadArea() {
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const [mailbox, setMailbox] = useState('');
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [over, setOver] = useState(false);
  const names = useMailboxNames();

  const take = (files: readonly File[]) => {
    const found = plan(files);
    setRefused(found.refused);
    start(found.shipments, mailbox.trim() || undefined);
  };

  // A file dropped beside the area would open in place of the page.
  useEffect(() => {
    const keep = (event: Event) => event.preventDefault();
    addEventListener('dragover', keep);
    addEventListener('drop', keep);
    return () => {
      removeEventListener('dragover', keep);
      removeEventListener('drop', keep);
    };
  }, []);

  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };

  return (
    <section aria-label="Upload" className={styles.upload} data-screen-only>
      <div
        className={classes(styles.area, over && styles.over)}
        onDragEnter={() => setOver(true)}
        onDragOver={(event) => event.preventDefault()}
        onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
        onDrop={onDrop}
      >
        <span className={styles.mark}>
          <Icon name="upload" size={20} />
        </span>
        <div className={styles.words}>
          <p className={styles.call}>{over ? 'Drop to upload' : 'Drop mail here'}</p>
          <p id={hint} className={styles.hint}>
            .eml, .mbox or .json, any number of files. A single mail over 25 MiB goes to quarantine.
          </p>
        </div>
        <div className={styles.controls}>
          <Field label="Mailbox" hideLabel>
            {(field) => (
              <Combobox
                {...field}
                value={mailbox}
                onChange={setMailbox}
                choices={names.map((name) => ({ value: name, label: name }))}
                placeholder="Mailbox: upload"
              />
            )}
          </Field>
          <input
            ref={input}
            type="file"
            multiple
            accept={TYPES}
            className="visually-hidden"
            tabIndex={-1}
            aria-label="Mail files"
            onChange={(event) => {
              take([...(event.target.files ?? [])]);
              // The same file can be chosen again.
              event.target.value = '';
            }}
          />
          <Button variant="primary" icon="upload" aria-describedby={hint} onClick={() => input.current?.click()}>
            Choose files
          </Button>
        </div>
      </div>
      {refused.length > 0 && (
        <div role="alert" className={styles.refused}>
          <Icon name="error" />
          <ul>
            {refused.slice(0, 10).map(({ name, why }, at) => (
              <li key={at}>
                <strong>{name}</strong> was not uploaded. {why}
              </li>
            ))}
            {refused.length > 10 && <li>And {refused.length - 10} more.</li>}
          </ul>
          <Button variant="ghost" size="sm" onClick={() => setRefused([])}>
            Dismiss
          </Button>
        </div>
      )}
      <UploadList />
    </section>
  );
}
