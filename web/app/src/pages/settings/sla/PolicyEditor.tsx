import { useState } from 'react';
import { Button, Card, classes, Field, Icon, Input, Page, PageHeader, Select } from '../../../ui';
import { DiscardButton } from '../shared/DiscardButton';
import { Form, FormProblem, Row } from '../shared/Form';
import { Reserved } from '../shared/Reserved';
import { faultAt, faultIn, pointer } from '../shared/pointer';
import { useSettled, useUnsaved } from '../shared/use';
import { useDryRun, withPolicy, type Revision } from './book';
import { NEW_POLICY, toDraft, toPolicy, type PolicyDraft } from './draft';
import { EffectLine } from './Effect';
import { ConditionFields, PauseFields, StepFields, TargetFields, ThresholdFields } from './PolicyFields';
import { PreviewCard } from './PreviewCard';
import { SaveDialog } from './SaveDialog';
import styles from './Sla.module.css';

interface PolicyEditorProps {
  revision: Revision;
  /** The policy's name; null adds one. */
  name: string | null;
  onDone: () => void;
}

/** One policy: what it says, and beside it what it comes to. */
export function PolicyEditor({ revision, name, onDone }: PolicyEditorProps) {
  // What somebody else saves meanwhile is no base of this one's change until they say so.
  const [base, setBase] = useState(revision);
  const policies = base.book.policies ?? [];
  const found = name === null ? -1 : policies.findIndex((policy) => policy.name === name);
  const original = policies[found] ?? NEW_POLICY;
  const [draft, setDraft] = useState<PolicyDraft>(() => toDraft(original));
  const [attempted, setAttempted] = useState(false);
  const [saving, setSaving] = useState(false);
  const set = (change: Partial<PolicyDraft>) => setDraft((old) => ({ ...old, ...change }));

  const policy = toPolicy(draft);
  const { book, at } = withPolicy(base.book, found < 0 ? null : found, policy);
  const changed = JSON.stringify(policy) !== JSON.stringify(toPolicy(toDraft(original)));
  useUnsaved(changed);
  // Text, so that the same book is the same value.
  const settled = useSettled(JSON.stringify(book), 400);
  const dryRun = useDryRun(changed ? (JSON.parse(settled) as typeof book) : null);
  const problem = changed ? dryRun.error : null;
  const root = pointer('book', 'policies', at);
  // Nobody is told that a name is missing who has just begun.
  const fault = (place: string, exactly = false) =>
    place === '/name' && !attempted ? undefined : (exactly ? faultAt : faultIn)(problem, root + place);

  const save = () => {
    setAttempted(true);
    if (!changed) return;
    if (!problem) setSaving(true);
    else requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid]:is(input, select, textarea)')?.focus());
  };
  const title = name === null ? 'New policy' : name;
  const isDefault = original.name === 'default';
  return (
    <Page>
      <PageHeader
        title={title}
        back={{ to: '/settings/sla', label: 'SLA policies' }}
        description={isDefault ? 'For what no other policy is for. It has no conditions and comes last.' : undefined}
        actions={
          <>
            <DiscardButton changed={changed} onLeave={onDone} />
            <Button variant="primary" needs="admin" disabled={!changed} onClick={save}>
              Review and save
            </Button>
          </>
        }
      />
      <div className={styles.columns}>
        <div className={styles.stack}>
          {(attempted || problem?.status !== 422) && <FormProblem problem={problem} shown={[root]} />}
          <Form onSubmit={save}>
            <Reserved>
            <Card title={isDefault ? 'Name' : 'Which tasks'} description={isDefault ? undefined : 'All of these conditions; the first policy that a task meets is its policy.'}>
              <div className={styles.stack}>
                <Field label="Name" error={fault('/name')}>
                  {(field) => <Input {...field} value={draft.name} disabled={isDefault} onChange={(event) => set({ name: event.target.value })} />}
                </Field>
                {!isDefault && <ConditionFields draft={draft} set={set} fault={fault} />}
              </div>
            </Card>
            <Card title="Targets" description="Open hours of the calendar, from when the mail was received.">
              <div className={styles.stack}>
                <Field label="Calendar" error={fault('/calendar')}>
                  {(field) => (
                    <Select
                      {...field}
                      value={draft.calendar}
                      choices={[{ value: '', label: 'Round the clock' }, ...Object.keys(base.book.calendars ?? {}).map((value) => ({ value, label: value }))]}
                      onChange={(calendar) => set({ calendar })}
                    />
                  )}
                </Field>
                <Row>
                  <TargetFields label="Hours until completion" place="/resolution_hours" target={draft.resolution} onChange={(resolution) => set({ resolution })} fault={fault} />
                  <TargetFields optional label="Hours until the first response" place="/first_response_hours" target={draft.firstResponse} onChange={(firstResponse) => set({ firstResponse })} fault={fault} />
                </Row>
                <PauseFields draft={draft} set={set} />
              </div>
            </Card>
            <Card title="Levels and escalation">
              <div className={styles.stack}>
                <Row>
                  <ThresholdFields label="Warning" usual="24 hours before, or a quarter of the target, whichever is later." place="/warning" threshold={draft.warning} onChange={(warning) => set({ warning })} fault={fault} />
                  <ThresholdFields label="Critical" usual="4 hours before, or a tenth of the target, whichever is later." place="/critical" threshold={draft.critical} onChange={(critical) => set({ critical })} fault={fault} />
                </Row>
                <StepFields draft={draft} set={set} fault={fault} />
              </div>
            </Card>
            </Reserved>
          </Form>
        </div>
        <aside aria-label="What it comes to" className={styles.beside}>
          {changed && !problem && (
            <Card title="Effect">
              <EffectLine dryRun={dryRun} />
            </Card>
          )}
          <PreviewCard
            book={book}
            policy={policy}
            first={original}
            note={(matching) =>
              matching && (
                <p className={classes(styles.note, matching.policy !== policy.name && styles.noteWarning)}>
                  <Icon name={matching.policy === policy.name ? 'check' : 'alert'} />
                  <span>
                    {matching.policy === policy.name ? (
                      'This policy is the first one that this task meets.'
                    ) : (
                      <>
                        This task would be under <strong>{matching.policy}</strong>. Below is what it would be under this one.
                      </>
                    )}
                  </span>
                </p>
              )
            }
          />
        </aside>
      </div>
      {saving && (
        <SaveDialog
          title={name === null ? `Add ${policy.name}` : `Change ${name}`}
          confirm="Save policy"
          book={book}
          revision={base.revision}
          onClose={() => setSaving(false)}
          onSaved={onDone}
          onNewest={setBase}
        />
      )}
    </Page>
  );
}
