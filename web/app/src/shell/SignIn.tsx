import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { http, unwrap } from '../data/http';
import { Problem } from '../data/problem';
import { askSession, signedIn, useAccess } from '../data/session';
import { Button, clearToasts, Field, Icon, Input, setTitleBadge, usePageTitle } from '../ui';
import styles from './SignIn.module.css';
import { whyNot } from './whyNot';

/** The way in: a key is shown to the server once, and kept nowhere here. */
export default function SignIn() {
  const queries = useQueryClient();
  const { ended } = useAccess();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const input = useRef<HTMLInputElement>(null);
  usePageTitle('Sign in');

  useEffect(() => {
    // What was fetched is for whoever was signed in.
    queries.clear();
    clearToasts();
    setTitleBadge(0);
    input.current?.focus();
    // Another tab may have signed in meanwhile.
    const look = () => document.visibilityState === 'visible' && void askSession();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [queries]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      signedIn(await unwrap(http.POST('/api/session', { body: { key: key.trim() } })));
    } catch (cause) {
      const refused = Problem.of(cause);
      // There is nothing to sign in to any more.
      if (refused.status === 409) return void askSession();
      setProblem(refused);
      setBusy(false);
      input.current?.select();
    }
  };

  const wrong = problem && whyNot(problem);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <span className={styles.mark}>
          <Icon name="logo" size={24} />
        </span>
        <h1 className={styles.title}>Sign in</h1>
        <p className={styles.lead}>{ended ? 'Your session has ended. Sign in to go on where you were.' : 'Use an API key to open Workflow Intelligence.'}</p>
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <Field
            label="API key"
            error={wrong?.atField}
            hint={
              <>
                An admin makes one in the settings, or on the server by <code>workflow keys create</code>. It is not kept in this browser.
              </>
            }
          >
            {(field) => (
              <Input
                {...field}
                ref={input}
                type="password"
                name="key"
                autoComplete="current-password"
                spellCheck={false}
                maxLength={200}
                required
                placeholder="wfk_…"
                value={key}
                onChange={(event) => {
                  setKey(event.target.value);
                  setProblem(undefined);
                }}
              />
            )}
          </Field>
          {wrong && (
            <div role="alert" className={wrong.atField ? 'visually-hidden' : styles.problem}>
              <p>{wrong.atField ?? wrong.message}</p>
              {problem?.requestId && !wrong.atField && (
                <p className={styles.request}>
                  Request <code>{problem.requestId}</code>
                </p>
              )}
            </div>
          )}
          <Button type="submit" variant="primary" busy={busy} className={styles.submit}>
            Sign in
          </Button>
        </form>
      </div>
      <p className={styles.foot}>A session lasts 12 hours, or until its key is revoked.</p>
    </main>
  );
}
