import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Link } from 'wouter';
import { count } from '../../../data/format';
import { useMay } from '../../../data/session';
import { Icon, IconButton, Menu, Tag } from '../../../ui';
import type { Policy } from './book';
import styles from './Sla.module.css';
import { conditionsInWords, targetInWords, thresholdInWords } from './words';

interface PolicyRowProps {
  policy: Policy;
  at: number;
  /** Places it can move to: the default stays last. */
  movable: number;
  matches: boolean;
  onMove: (from: number, to: number) => void;
  onRemove: () => void;
}

type Edge = 'top' | 'bottom';

function edgeOf(element: Element, y: number): Edge {
  const box = element.getBoundingClientRect();
  return y < box.top + box.height / 2 ? 'top' : 'bottom';
}

/** One policy of the list; its grip or its buttons move it. */
export function PolicyRow({ policy, at, movable, matches, onMove, onRemove }: PolicyRowProps) {
  const row = useRef<HTMLLIElement>(null);
  const grip = useRef<HTMLSpanElement>(null);
  const [dragged, setDragged] = useState(false);
  const [edge, setEdge] = useState<Edge>();
  const mayMove = useMay('admin');
  const canMove = mayMove && at < movable;
  const drop = useEffectEvent((from: number, onto: Edge) => {
    const before = onto === 'top' ? at : at + 1;
    onMove(from, from < before ? before - 1 : before);
  });

  useEffect(() => {
    if (!canMove || !row.current || !grip.current) return;
    const element = row.current;
    return combine(
      draggable({
        element,
        dragHandle: grip.current,
        getInitialData: () => ({ policy: at }),
        onDragStart: () => setDragged(true),
        onDrop: () => setDragged(false),
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => typeof source.data.policy === 'number',
        onDrag: ({ location, source }) => setEdge(source.data.policy === at ? undefined : edgeOf(element, location.current.input.clientY)),
        onDragLeave: () => setEdge(undefined),
        onDrop: ({ location, source }) => {
          setEdge(undefined);
          drop(Number(source.data.policy), edgeOf(element, location.current.input.clientY));
        },
      }),
    );
  }, [at, canMove]);

  const when = conditionsInWords(policy.when);
  const steps = policy.escalations?.length ?? 0;
  const pauses = [policy.pause_while_waiting_on_customer && 'waiting on the customer', policy.pause_while_snoozed && 'snoozed'].filter(Boolean);
  return (
    <li ref={row} className={styles.policy} data-matches={matches || undefined} data-dragged={dragged || undefined} data-edge={edge}>
      <span ref={grip} className={styles.grip} aria-hidden="true">
        {canMove && <Icon name="menu" size={14} />}
      </span>
      <span className={styles.number}>{at + 1}</span>
      <div className={styles.what}>
        <p className={styles.name}>
          <Link href={`/settings/sla?policy=${encodeURIComponent(policy.name)}`}>{policy.name}</Link>
          {matches && <Tag tone="accent">Takes the example</Tag>}
        </p>
        <p className={styles.when}>{when.length > 0 ? `Tasks ${when.join('; ')}` : 'All tasks that are left'}</p>
        <p className={styles.facts}>
          <span>
            <Icon name="clock" size={14} />
            {targetInWords(policy.resolution_hours)}
          </span>
          {policy.first_response_hours !== undefined && (
            <span>
              <Icon name="comment" size={14} />
              First response {targetInWords(policy.first_response_hours)}
            </span>
          )}
          <span>
            <Icon name="calendar" size={14} />
            {policy.calendar ?? 'Round the clock'}
          </span>
          {policy.warning && <span>Warning {thresholdInWords(policy.warning)}</span>}
          {policy.critical && <span>Critical {thresholdInWords(policy.critical)}</span>}
          {pauses.length > 0 && (
            <span>
              <Icon name="pause" size={14} />
              While {pauses.join(' or ')}
            </span>
          )}
          {steps > 0 && (
            <span>
              <Icon name="bell" size={14} />
              {count(steps, 'step')}
            </span>
          )}
        </p>
      </div>
      <div className={styles.buttons}>
        <IconButton icon="up" needs="admin" label={`Move ${policy.name} up`} disabled={!canMove || at === 0} onClick={() => onMove(at, at - 1)} />
        <IconButton icon="down" needs="admin" label={`Move ${policy.name} down`} disabled={!canMove || at >= movable - 1} onClick={() => onMove(at, at + 1)} />
        <Menu
          label={`Actions for ${policy.name}`}
          items={[
            { label: mayMove ? 'Edit' : 'Look', icon: mayMove ? 'edit' : 'eye', to: `/settings/sla?policy=${encodeURIComponent(policy.name)}` },
            { label: 'Remove', icon: 'trash', danger: true, needs: 'admin', onSelect: onRemove },
          ]}
        />
      </div>
    </li>
  );
}
