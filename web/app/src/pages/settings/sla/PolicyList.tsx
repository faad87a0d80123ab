import { useState } from 'react';
import { count } from '../../../data/format';
import { Button, ButtonLink, Card, EmptyState, Icon, Page, PageHeader } from '../../../ui';
import { useUnsaved } from '../shared/use';
import { moved, type Policy, type Revision } from './book';
import { PolicyRow } from './PolicyRow';
import { PreviewCard } from './PreviewCard';
import { RecomputeDialog } from './Recompute';
import { Revisions } from './Revisions';
import { SaveDialog } from './SaveDialog';
import styles from './Sla.module.css';

/** The policies in the order in which they are tried. */
export function PolicyList({ revision }: { revision: Revision }) {
  const saved = revision.book.policies ?? [];
  // Another order than the saved one, until it is saved or given up.
  const [draft, setDraft] = useState<{ policies: Policy[]; revision: number } | null>(null);
  const [removed, setRemoved] = useState<{ name: string; from: Revision } | null>(null);
  const [saving, setSaving] = useState(false);
  const [recomputing, setRecomputing] = useState(false);
  const [said, setSaid] = useState('');
  const [matching, setMatching] = useState<string>();
  useUnsaved(draft !== null);
  const policies = draft?.policies ?? saved;
  const movable = policies.at(-1)?.name === 'default' ? policies.length - 1 : policies.length;

  const move = (from: number, to: number) => {
    const target = Math.max(0, Math.min(to, movable - 1));
    if (from === target) return;
    const next = moved(policies, from, target);
    setSaid(`${policies[from]?.name} is now number ${target + 1} of ${policies.length}.`);
    setDraft(next.every((policy, at) => policy === saved[at]) ? null : { policies: next, revision: draft?.revision ?? revision.revision });
  };
  const onto = (newest: Revision) => {
    const names = policies.map(({ name }) => name);
    const place = ({ name }: Policy) => (name === 'default' ? Infinity : names.includes(name) ? names.indexOf(name) : names.length);
    setDraft({ policies: [...(newest.book.policies ?? [])].sort((a, b) => place(a) - place(b)), revision: newest.revision });
  };
  const book = { ...revision.book, policies };

  return (
    <Page>
      <PageHeader
        title="SLA policies"
        description="The first policy whose conditions a task meets says when it is due. What none is for follows the default."
        actions={
          <>
            <Button icon="refresh" needs="admin" onClick={() => setRecomputing(true)}>
              Recompute
            </Button>
            <ButtonLink variant="primary" icon="plus" needs="admin" to="/settings/sla?new">
              New policy
            </ButtonLink>
          </>
        }
      />
      <p role="status" className="visually-hidden">
        {said}
      </p>
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Card title={policies.length > 0 ? count(policies.length, 'policy', 'policies') : undefined} description="Hours by priority are in the order critical, high, medium, normal." flush>
            {policies.length === 0 ? (
              <EmptyState icon="clock" title="No policies yet" action={<ButtonLink needs="admin" to="/settings/sla?new">Add a policy</ButtonLink>}>
                Until there is one, tasks are due 4, 24, 72 or 168 hours after they came, by priority, round the clock.
              </EmptyState>
            ) : (
              <ol className={styles.policies} aria-label="Policies, in the order in which they are tried">
                {policies.map((policy, at) => (
                  <PolicyRow
                    key={policy.name}
                    policy={policy}
                    at={at}
                    movable={movable}
                    matches={matching === policy.name}
                    onMove={move}
                    onRemove={() => setRemoved({ name: policy.name, from: revision })}
                  />
                ))}
              </ol>
            )}
          </Card>
          {draft && (
            <div role="group" aria-label="Changed order" className={styles.bar}>
              <p>
                <strong>The order has changed.</strong> It counts once it is saved.
              </p>
              <Button onClick={() => setDraft(null)}>Discard</Button>
              <Button variant="primary" onClick={() => setSaving(true)}>
                Review and save
              </Button>
            </div>
          )}
        </div>
        <aside aria-label="Preview" className={styles.beside}>
          <PreviewCard
            book={book}
            first={saved[0]}
            onMatch={setMatching}
            note={(preview) =>
              preview && (
                <p className={styles.note}>
                  <Icon name="right" />
                  <span>
                    Under <strong>{preview.policy}</strong>
                  </span>
                </p>
              )
            }
          />
        </aside>
      </div>
      <Revisions current={revision} />
      {saving && draft && (
        <SaveDialog
          title="Change the order"
          confirm="Save the order"
          book={book}
          revision={draft.revision}
          onClose={() => setSaving(false)}
          onSaved={() => {
            setSaving(false);
            setDraft(null);
          }}
          onNewest={onto}
        />
      )}
      {removed && (
        <SaveDialog
          title={`Remove ${removed.name}?`}
          confirm="Remove the policy"
          danger
          book={{ ...removed.from.book, policies: (removed.from.book.policies ?? []).filter(({ name }) => name !== removed.name) }}
          revision={removed.from.revision}
          onClose={() => setRemoved(null)}
          onSaved={() => {
            setRemoved(null);
            setDraft(null);
          }}
          onNewest={(from) => setRemoved({ name: removed.name, from })}
        />
      )}
      {recomputing && <RecomputeDialog onClose={() => setRecomputing(false)} />}
    </Page>
  );
}
