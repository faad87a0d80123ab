import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'wouter';
import { http, unwrap } from '../../data/http';
import { serverNow, useServerEvent } from '../../data/live';
import { usePeople } from '../../data/people';
import { useMay } from '../../data/session';
import { Button, EmptyState, ErrorState, Page, PageHeader, Skeleton } from '../../ui';
import { announcement } from './announcer';
import { api } from './api';
import { AssignDialog } from './AssignDialog';
import styles from './Board.module.css';
import { BoardColumn } from './BoardColumn';
import { BoardContext, type BoardTools } from './BoardContext';
import { BoardToolbar } from './BoardToolbar';
import { useDrags } from './dragging';
import { isFiltered, listFilters, viewOf, type Filters } from './filters';
import { wantedFocus } from './focus';
import { columnsOf, type ColumnSpec, type Owner, type TaskRow } from './model';
import { Peek } from './Peek';
import { PhoneTabs } from './PhoneTabs';
import { BoardStore, type Change } from './store';
import { useBoardKeys } from './useBoardKeys';
import { useChanges } from './useChanges';

export default function Board() {
  const [params, setParams] = useSearchParams();
  const metrics = useQuery({
    queryKey: ['metrics', 'now'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/metrics', { signal })),
  });
  const people = usePeople();
  const view = viewOf(params);
  const { by, sort, filters } = view;
  const owners = useOwners(metrics.data?.owners, people.data?.people);
  const shownOwners = useMemo(
    () => (filters.owner.length === 0 ? owners : filters.owner.map((name) => owners.find((owner) => owner.name === name) ?? { name, email: null })),
    [owners, JSON.stringify(filters.owner)],
  );
  const columns = useMemo(() => columnsOf(by, sort, shownOwners), [by, sort, shownOwners]);
  const change = useCallback(
    (changes: Record<string, string | readonly string[]>) => setParams((old) => changed(old, changes), { replace: true }),
    [setParams],
  );
  const clear = () => change({ q: '', category: [], priority: [], owner: [], mailbox: [], due: '' });
  const key = JSON.stringify([by, sort, filters]);
  const values = useMemo(() => valuesOf(by, filters, metrics.data), [key, metrics.data]);
  const ready = by !== 'owner' || metrics.data !== undefined;

  return (
    <Page fill>
      <PageHeader title="Board" description={by === 'owner' ? 'Open tasks by owner' : undefined} />
      <BoardToolbar
        view={view}
        categories={metrics.data?.categories.map((category) => category.workflow_category) ?? []}
        owners={owners.flatMap(({ name }) => (name === null ? [] : [name]))}
        address={(changes) => `/board?${changed(params, changes)}`}
        onChange={change}
        onClear={clear}
      />
      {ready ? (
        <Columns key={key} columns={columns} view={view} owners={owners} values={values} onChange={change} onClear={clear} peeked={params.get('peek')} />
      ) : metrics.error ? (
        <ErrorState error={metrics.error} title="The owners could not be loaded" onRetry={() => void metrics.refetch()} />
      ) : (
        <Skeleton label="Loading the board" height="20rem" />
      )}
    </Page>
  );
}

interface ColumnsProps {
  columns: readonly ColumnSpec[];
  view: ReturnType<typeof viewOf>;
  owners: readonly Owner[];
  values: ReadonlyMap<string, number>;
  peeked: string | null;
  onChange: (changes: Record<string, string | readonly string[]>) => void;
  onClear: () => void;
}

/** The board of one view; another grouping, order or filter is another one. */
function Columns({ columns, view: { by, filters, collapsed }, owners, values, peeked, onChange, onClear }: ColumnsProps) {
  const [store] = useState(() => new BoardStore(by, listFilters(filters, Math.floor(serverNow() / 60_000) * 60_000), api, serverNow));
  store.setColumns(columns);
  useEffect(() => () => store.dispose(), [store]);
  useStoreEvents(store);

  const mayEdit = useMay('operator');
  const area = useRef<HTMLDivElement>(null);
  const [assigned, setAssigned] = useState<TaskRow>();
  const follow = useCallback((id: string) => {
    // The focus goes with the card if it was on it, or has lost its place.
    const { activeElement } = document;
    if (store.find(id) && (activeElement === document.body || area.current?.contains(activeElement))) wantedFocus.set(id);
  }, [store]);
  const changes = useChanges(store, follow);
  const peek = useCallback((id: string) => onChange({ peek: id }), [onChange]);
  const tools = useMemo<BoardTools>(() => ({ store, columns, changes, peek, assign: setAssigned }), [store, columns, changes, peek]);
  const onCollapse = useCallback(
    (id: string, on: boolean) => onChange({ collapsed: on ? [...collapsed, id] : collapsed.filter((other) => other !== id) }),
    [collapsed.join('\n'), onChange],
  );
  const phone = useSyncExternalStore(subscribePhone, () => PHONE.matches);
  const visible = columns.filter(({ id }) => phone || !collapsed.includes(id));
  const onKeyDown = useBoardKeys(tools, visible);
  useLostFocus(area, store);

  useDrags(area, {
    onStart: (id) => store.hold(id),
    onEnd: (id, column) => {
      const task = store.find(id);
      const to = columns.find((spec) => spec.id === column);
      // The change waits for what happened meanwhile: the version is that of the card as it was picked up.
      if (task && to) changes.move(task, to);
      store.hold(undefined);
    },
  });

  const empty = useSyncExternalStore(store.subscribe, () => columns.every(({ id }) => store.column(id).phase === 'ready' && store.column(id).total === 0));
  const failed = useSyncExternalStore(store.subscribe, () => {
    const states = columns.map(({ id }) => store.column(id));
    return states.every(({ error, cards }) => error !== null && cards.length === 0) ? states[0]?.error : null;
  });
  return (
    <BoardContext value={tools}>
      <p id="board-keys" hidden>
        Arrow keys go from card to card. {mayEdit && 'Shift with left or right moves the card, Shift with up or down changes its priority. '}Space looks inside, M opens its menu.
      </p>
      <Announcements />
      {failed ? (
        <ErrorState error={failed} title="The board could not be loaded" onRetry={() => columns.forEach(({ id }) => void store.more(id))} />
      ) : (
        <>
          {empty && (
            <EmptyState
              icon={isFiltered(filters) ? 'filter' : 'board'}
              title={isFiltered(filters) ? 'No task matches' : 'No tasks yet'}
              action={isFiltered(filters) && <Button onClick={onClear}>Clear the filters</Button>}
            >
              {isFiltered(filters) ? undefined : 'Tasks appear as mail comes in.'}
            </EmptyState>
          )}
          {phone && !empty && <PhoneTabs board={area} columns={columns} />}
          <div ref={area} className={styles.board} hidden={empty} onKeyDown={onKeyDown} data-board>
            {columns.map((spec) => (
              <BoardColumn key={spec.id} spec={spec} value={values.get(spec.id)} collapsed={!phone && collapsed.includes(spec.id)} onCollapse={onCollapse} />
            ))}
          </div>
        </>
      )}
      {peeked && <Peek id={peeked} onClose={() => onChange({ peek: '' })} />}
      {assigned && (
        <AssignDialog task={assigned} owners={owners} onAssign={(owner) => changes.assign(assigned, owner)} onClose={() => setAssigned(undefined)} />
      )}
    </BoardContext>
  );
}

function Announcements() {
  return (
    <p role="status" aria-live="polite" className="visually-hidden" data-announcement>
      {useSyncExternalStore(announcement.subscribe, announcement.get)}
    </p>
  );
}

function useStoreEvents(store: BoardStore): void {
  const take = (data: { taskId: string; version: number; timestamp: string }, rest: Partial<Change> = {}) =>
    store.take({ id: data.taskId, version: data.version, at: data.timestamp, ...rest });
  useServerEvent('workflow:task:created', (data) => take(data));
  useServerEvent('workflow:task:updated', (data) => take(data, { updates: data.updates as Partial<TaskRow> }));
  useServerEvent('workflow:task:deleted', (data) => take(data, { deleted: true }));
  useServerEvent('resync', () => void store.reload());
}

/** Takes the focus back to a card that somebody else has moved from under it. */
function useLostFocus(area: React.RefObject<HTMLElement | null>, store: BoardStore): void {
  useEffect(() => {
    let last: string | undefined;
    const note = (event: Event) => {
      const target = event.target as HTMLElement | null;
      last = area.current?.contains(target) ? target?.closest<HTMLElement>('[data-task]')?.dataset.task : undefined;
    };
    const check = () => requestAnimationFrame(() => last && document.activeElement === document.body && store.find(last) && wantedFocus.set(last));
    document.addEventListener('focusin', note);
    document.addEventListener('pointerdown', note);
    const end = store.subscribe(check);
    return () => {
      document.removeEventListener('focusin', note);
      document.removeEventListener('pointerdown', note);
      end();
    };
  }, [area, store]);
}

const PHONE = matchMedia('(max-width: 760px)');
function subscribePhone(listener: () => void) {
  PHONE.addEventListener('change', listener);
  return () => PHONE.removeEventListener('change', listener);
}

function changed(old: URLSearchParams, changes: Record<string, string | readonly string[]>): URLSearchParams {
  const next = new URLSearchParams(old);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value as string]) if (one !== '' || Array.isArray(value)) next.append(name, one);
  }
  return next;
}

type Metrics = { revenue_at_risk: number; active_revenue: number; total_revenue: number; owners: readonly { current_owner?: string | null; total_value_managed: number }[] };

/** What the columns are worth, of which the API says so: without filters, red, completed, and each owner's. */
function valuesOf(by: string, filters: Filters, metrics: Metrics | undefined): ReadonlyMap<string, number> {
  if (!metrics || isFiltered(filters)) return new Map();
  const done = Math.round((metrics.total_revenue - metrics.active_revenue) * 100) / 100;
  if (by === 'owner') return new Map(metrics.owners.map((owner) => [owner.current_owner ?? '', owner.total_value_managed]));
  return new Map(by === 'status' ? [['RED', metrics.revenue_at_risk], ['COMPLETED', done]] : [['COMPLETION', done]]);
}

/** Nobody, those with open work, and everybody else one may give work to; always in the order they were found in. */
function useOwners(busy: readonly { current_owner?: string | null; owner_email?: string | null }[] | undefined, people: readonly { name: string; email?: string | null; active: boolean }[] | undefined): readonly Owner[] {
  const known = useRef<Owner[]>([{ name: null, email: null }]);
  return useMemo(() => {
    const found: Owner[] = [
      ...(busy ?? []).map((owner) => ({ name: owner.current_owner ?? null, email: owner.owner_email ?? null })),
      ...(people ?? []).filter(({ active }) => active).map(({ name, email }) => ({ name, email: email ?? null })),
    ];
    const fresh = found.filter((owner, at) => !known.current.some(({ name }) => name === owner.name) && found.findIndex(({ name }) => name === owner.name) === at);
    if (fresh.length > 0) known.current = [...known.current, ...fresh];
    return known.current;
  }, [busy, people]);
}
