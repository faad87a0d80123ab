import { useState } from 'react';
import { Button, Card, Combobox, Field, IconButton, Input, Page, PageHeader } from '../../../ui';
import { HERE, ZONES } from '../shared/choices';
import { DiscardButton } from '../shared/DiscardButton';
import { Form, FormProblem, Row } from '../shared/Form';
import { Reserved } from '../shared/Reserved';
import { faultIn, pointer } from '../shared/pointer';
import { useSettled, useUnsaved } from '../shared/use';
import { useDryRun, withCalendar, type Calendar, type Revision } from '../sla/book';
import { EffectLine } from '../sla/Effect';
import { PreviewCard } from '../sla/PreviewCard';
import { SaveDialog } from '../sla/SaveDialog';
import layout from '../sla/Sla.module.css';
import { DAY_NAMES, DAYS, nextKey, toCalendar, toDraft, type CalendarDraft, type DraftException, type Span } from './calendar';
import styles from './Calendars.module.css';
import { Spans } from './Spans';

const OFFICE = ['09:00-17:00'];
const NEW: Calendar = { zone: HERE, week: { mon: OFFICE, tue: OFFICE, wed: OFFICE, thu: OFFICE, fri: OFFICE } };

/** One calendar: its week and its days with hours of their own; beside it a deadline by it. */
export function CalendarEditor({ revision, name, onDone }: { revision: Revision; name: string | null; onDone: () => void }) {
  const [base, setBase] = useState(revision);
  const original = (name !== null && base.book.calendars?.[name]) || NEW;
  const [draft, setDraft] = useState<CalendarDraft>(() => toDraft(name ?? '', original));
  const [attempted, setAttempted] = useState(false);
  const [saving, setSaving] = useState(false);
  const [hours, setHours] = useState('8');
  const set = (change: Partial<CalendarDraft>) => setDraft((old) => ({ ...old, ...change }));
  const setException = (key: number, change: Partial<DraftException>) =>
    set({ exceptions: draft.exceptions.map((old) => (old.key === key ? { ...old, ...change } : old)) });

  const calendar = toCalendar(draft);
  const to = draft.name.trim();
  const others = Object.keys(base.book.calendars ?? {}).filter((other) => other !== name);
  const taken = others.includes(to) ? 'There is a calendar of this name.' : to === '' && attempted ? 'A calendar needs a name.' : undefined;
  const book = withCalendar(base.book, name, to || 'calendar', calendar);
  const changed = name === null || to !== name || JSON.stringify(calendar) !== JSON.stringify(toCalendar(toDraft(name, original)));
  useUnsaved(changed);
  const settled = useSettled(JSON.stringify(book), 400);
  const dryRun = useDryRun(changed ? (JSON.parse(settled) as typeof book) : null);
  const problem = changed ? dryRun.error : null;
  const root = pointer('book', 'calendars', to || 'calendar');
  const fault = (...steps: (string | number)[]) => faultIn(problem, root + pointer(...steps));

  const save = () => {
    setAttempted(true);
    if (to === '' || taken || problem) requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid]:is(input, select)')?.focus());
    else setSaving(true);
  };
  const everyDay = (spans: readonly Span[]) => set({ week: { ...draft.week, ...Object.fromEntries(DAYS.slice(0, 5).map((day) => [day, spans.map((span) => ({ ...span }))])) } });
  return (
    <Page>
      <PageHeader
        title={name ?? 'New calendar'}
        back={{ to: '/settings/calendars', label: 'Calendars' }}
        actions={
          <>
            <DiscardButton changed={changed} onLeave={onDone} />
            <Button variant="primary" needs="admin" disabled={!changed} onClick={save}>
              Review and save
            </Button>
          </>
        }
      />
      <div className={layout.columns}>
        <div className={layout.stack}>
          {(attempted || problem?.status !== 422) && <FormProblem problem={problem} shown={[root]} />}
          <Form onSubmit={save}>
            <Reserved>
            <Card title="Calendar">
              <Row>
                <Field label="Name" error={taken} hint={name !== null ? 'Policies follow a new name.' : undefined}>
                  {(field) => <Input {...field} value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
                </Field>
                <Field label="Time zone" error={fault('zone')}>
                  {(field) => <Combobox {...field} value={draft.zone} choices={ZONES} onChange={(zone) => set({ zone })} />}
                </Field>
              </Row>
            </Card>
            <Card
              title="Week"
              description="Hours over midnight are two spans: to 24:00, and from 00:00 of the next day."
              actions={
                <Button size="sm" icon="copy" onClick={() => everyDay(draft.week.mon)}>
                  Monday to Friday as Monday
                </Button>
              }
            >
              <div className={styles.week}>
                {DAYS.map((day) => (
                  <div key={day} className={styles.day}>
                    <span className={styles.dayName}>{DAY_NAMES[day]}</span>
                    <Spans name={DAY_NAMES[day]} spans={draft.week[day]} onChange={(spans) => set({ week: { ...draft.week, [day]: spans } })} error={fault('week', day)} />
                  </div>
                ))}
                {faultIn(problem, `${root}/week`) && !DAYS.some((day) => fault('week', day)) && <p className={styles.error}>{faultIn(problem, `${root}/week`)}</p>}
              </div>
            </Card>
            <Card
              title="Holidays and other days"
              description="Days with hours of their own instead of those of the week; a holiday has none."
              actions={
                <Button size="sm" icon="plus" onClick={() => set({ exceptions: [...draft.exceptions, { key: nextKey(), date: '', spans: [] }] })}>
                  Add a day
                </Button>
              }
            >
              <div className={layout.stack}>
                {draft.exceptions.length === 0 && <p className={layout.quiet}>None: every week is the same.</p>}
                {draft.exceptions.map((day) => (
                  <div key={day.key} className={styles.exception}>
                    <Input type="date" aria-label="Date" aria-invalid={fault('exceptions', day.date) ? true : undefined} value={day.date} onChange={(event) => setException(day.key, { date: event.target.value })} />
                    <Spans name={day.date || 'the new day'} spans={day.spans} onChange={(spans) => setException(day.key, { spans })} error={fault('exceptions', day.date)} />
                    <IconButton icon="trash" label={`Remove ${day.date || 'the new day'}`} onClick={() => set({ exceptions: draft.exceptions.filter(({ key }) => key !== day.key) })} />
                  </div>
                ))}
              </div>
            </Card>
            </Reserved>
          </Form>
        </div>
        <aside aria-label="What it comes to" className={layout.beside}>
          {changed && !problem && (
            <Card title="Effect">
              <EffectLine dryRun={dryRun} />
            </Card>
          )}
          <Card>
            <Field label="Preview of so many open hours">
              {(field) => <Input {...field} type="number" min={0} step="any" value={hours} onChange={(event) => setHours(event.target.value)} />}
            </Field>
          </Card>
          <PreviewCard book={book} policy={{ name: 'preview', resolution_hours: Number(hours), calendar: to || 'calendar' }} />
        </aside>
      </div>
      {saving && (
        <SaveDialog title={name === null ? `Add ${to}` : `Change ${name}`} confirm="Save calendar" book={book} revision={base.revision} onClose={() => setSaving(false)} onSaved={onDone} onNewest={setBase} />
      )}
    </Page>
  );
}
