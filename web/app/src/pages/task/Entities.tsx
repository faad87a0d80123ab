import { useState } from 'react';
import { Link } from 'wouter';
import { Button, Card } from '../../ui';
import styles from './Fields.module.css';
import { useHighlight, usePointing } from './highlight';
import { ENTITY_LISTS, LOW_CONFIDENCE, REVIEW, type Entities as Lists } from './types';
import { useEditing } from './useTask';
import { CheckThis, Why } from './Why';

/** Numbers and names in the mail; each leads to the tasks that have it too. */
export function Entities({ found, onCorrect }: { found: ReadonlySet<string>; onCorrect: () => void }) {
  const { task } = useEditing();
  const lists = ENTITY_LISTS.filter(([list]) => task.entities[list].length > 0);
  return (
    <Card
      title="Numbers and names"
      actions={
        task.email_id && (
          <Button size="sm" variant="ghost" icon="edit" needs="operator of all" onClick={onCorrect}>
            Correct
          </Button>
        )
      }
    >
      {lists.length === 0 ? (
        <p className={styles.none}>None were found.</p>
      ) : (
        lists.map(([list, name]) => <List key={list} list={list} name={name} found={found.has(list)} />)
      )}
    </Card>
  );
}

const SHOWN = 12;

function List({ list, name, found }: { list: keyof Lists; name: string; found: boolean }) {
  const { task } = useEditing();
  const [all, setAll] = useState(false);
  const pointing = usePointing(list);
  const { active } = useHighlight();
  const why = task.analysis[list];
  const values = task.entities[list];
  const low = why !== undefined && why.confidence < LOW_CONFIDENCE && task.tags.includes(REVIEW);
  return (
    <div className={styles.entity} {...(why && pointing)}>
      <div>
        <h3 className={styles.entityName}>
          {name} {low && <CheckThis />}
        </h3>
        <ul className={styles.chips}>
          {values.slice(0, all ? undefined : SHOWN).map((value) => (
            <li key={value}>
              <Link
                href={`/tasks?q=${encodeURIComponent(value)}`}
                className={styles.chip}
                data-on={(active === list && why?.span === value) || undefined}
                aria-label={`${value}, find tasks with it`}
              >
                {value}
              </Link>
            </li>
          ))}
        </ul>
        {values.length > SHOWN && (
          <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${values.length}`}
          </Button>
        )}
      </div>
      <Why field={list} why={why} found={found} />
    </div>
  );
}
