import type { components } from '@workflow-intelligence/client';
import { useId, useState } from 'react';
import { bytes, count } from '../../data/format';
import type { Problem } from '../../data/problem';
import { Avatar, Button, classes, DateTime, ErrorState, Icon, Skeleton, Tag } from '../../ui';
import { useHighlight } from './highlight';
import styles from './Mail.module.css';
import { stretches, type Place } from './mailText';
import { MarkedText } from './MarkedText';
import type { ReadMail } from './mime';
import { Original } from './Original';
import type { Email } from './types';

type Attachment = components['schemas']['Attachment'];

interface MailProps {
  email: Email;
  body: ReadMail | undefined;
  error: Problem | null;
  onRetry: () => void;
  /** Reads a large one. */
  onRead: (() => void) | undefined;
  bodyPlaces: readonly Place[];
  subjectPlaces: readonly Place[];
  attachments: readonly Attachment[];
  opensTask: boolean;
  initiallyOpen: boolean;
}

/** One mail of the thread: a line, or all of it. */
export function Mail(props: MailProps) {
  const { email, body, subjectPlaces, bodyPlaces, attachments, opensTask, initiallyOpen } = props;
  const [chosen, setChosen] = useState(initiallyOpen);
  const [original, setOriginal] = useState(false);
  const { active, asked } = useHighlight();
  const id = useId();
  // Words that somebody asks for are shown.
  const wanted = asked > 0 && active !== null && [...bodyPlaces, ...subjectPlaces].some(({ field }) => field === active);
  const open = chosen || wanted;
  const from = body?.from ?? email.sender ?? 'Unknown sender';
  const name = from.replace(/\s*<[^>]*>\s*$/, '').replace(/^"(.*)"$/, '$1') || from;
  const preview = body?.text.split('\n').find((line) => line.trim() !== '' && !/^\s*>/.test(line)) ?? '';
  return (
    <li className={styles.mail} data-open={open || undefined}>
      <button
        type="button"
        className={styles.mailHead}
        aria-expanded={open}
        aria-controls={id}
        aria-label={`Mail from ${name}: ${email.subject ?? 'no subject'}`}
        onClick={() => setChosen(!open)}
      >
        <span aria-hidden="true">
          <Avatar name={name} size={28} />
        </span>
        <span className={styles.sender}>{name}</span>
        <span className={styles.preview}>{open ? '' : preview}</span>
        <span className={styles.when}>
          {attachments.length > 0 && <Icon name="attach" size={14} />}
          <DateTime at={email.sent_at ?? email.received_at} />
          <Icon name={open ? 'chevronDown' : 'chevronRight'} size={14} />
        </span>
      </button>
      <div id={id} hidden={!open} className={styles.mailBody}>
        {open && (
          <>
            <h3 className={styles.subject}>
              <span className={email.subject ? undefined : styles.quiet}>
                {email.subject ? <MarkedText text={email.subject} places={subjectPlaces} /> : 'No subject'}
              </span>
              {opensTask && <Tag>Opened the task</Tag>}
              {email.outcome === 'duplicate' && <Tag>Copy</Tag>}
              {email.outcome === 'noise' && <Tag>Noise</Tag>}
            </h3>
            <dl className={styles.addresses}>
              <dt>From</dt>
              <dd>{from}</dd>
              <dt>To</dt>
              <dd>{body?.to ?? (email.recipients.join(', ') || '–')}</dd>
              {body?.cc && (
                <>
                  <dt>Copy</dt>
                  <dd>{body.cc}</dd>
                </>
              )}
            </dl>
            {original ? <Original emailId={email.id} subject={email.subject ?? 'mail'} none={body?.hasHtml === false} /> : <Body {...props} />}
            {attachments.length > 0 && (
              <ul className={styles.attachments} aria-label={count(attachments.length, 'attachment')}>
                {attachments.map(({ n, name, size, url, content_type }) => (
                  <li key={n}>
                    <a href={url} download className={styles.attachment} title={content_type}>
                      <Icon name="attach" size={14} />
                      <span className={styles.fileName}>{name}</span>
                      <span className={styles.quiet}>{bytes(size)}</span>
                      <Icon name="download" size={14} />
                    </a>
                  </li>
                ))}
              </ul>
            )}
            <div className={styles.mailActions} data-screen-only>
              <Button size="sm" variant="ghost" icon={original ? 'tasks' : 'eye'} aria-pressed={original} onClick={() => setOriginal(!original)}>
                {original ? 'Show as text' : 'Original formatting'}
              </Button>
              <a
                className={styles.raw}
                href={`/api/workflow/emails/${encodeURIComponent(email.id)}/raw`}
                download
                aria-label={`Download the mail as received, ${bytes(email.size)}`}
              >
                <Icon name="download" size={14} /> As received ({bytes(email.size)})
              </a>
            </div>
          </>
        )}
      </div>
    </li>
  );
}

function Body({ email, body, error, onRetry, onRead, bodyPlaces }: MailProps) {
  if (error) return <ErrorState error={error} title="The text could not be loaded" onRetry={onRetry} />;
  if (!body && onRead) {
    return (
      <Button icon="download" onClick={onRead}>
        Load the text ({bytes(email.size)})
      </Button>
    );
  }
  if (!body) return <Skeleton label="Loading the text" rows={4} />;
  if (body.text.trim() === '') return <p className={styles.quiet}>The mail has no text.</p>;
  return (
    <div className={styles.text}>
      {stretches(body.text).map(({ quoted, start, end }) =>
        quoted ? (
          <Quoted key={start} text={body.text} places={bodyPlaces} start={start} end={end} />
        ) : (
          <p key={start} dir="auto" className={styles.plain}>
            <MarkedText text={body.text.trimEnd()} places={bodyPlaces} start={start} end={Math.min(end, body.text.trimEnd().length)} />
          </p>
        ),
      )}
    </div>
  );
}

function Quoted({ text, places, start, end }: { text: string; places: readonly Place[]; start: number; end: number }) {
  const [chosen, setChosen] = useState(false);
  const { active, asked } = useHighlight();
  const wanted = asked > 0 && places.some((place) => place.field === active && place.start >= start && place.end <= end);
  const open = chosen || wanted;
  const lines = text.slice(start, end).split('\n').filter((line) => line.trim() !== '').length;
  return (
    <div>
      <button type="button" className={styles.fold} aria-expanded={open} onClick={() => setChosen(!open)} data-screen-only>
        <Icon name={open ? 'chevronDown' : 'chevronRight'} size={14} />
        {open ? 'Hide quoted text' : `Quoted text, ${count(lines, 'line')}`}
      </button>
      {open && (
        <p dir="auto" className={classes(styles.plain, styles.quoted)}>
          <MarkedText text={text} places={places} start={start} end={end} />
        </p>
      )}
    </div>
  );
}
