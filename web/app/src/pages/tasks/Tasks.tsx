import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { count } from '../../data/format';
import { useMay } from '../../data/session';
import { useAppearance } from '../../shell/appearance';
import { useShortcut } from '../../shell/shortcuts';
import { Button, EmptyState, ErrorState, Menu, Page, PageHeader, Skeleton } from '../../ui';
import { BulkBar, BulkProgress } from './BulkBar';
import { BulkDialog } from './BulkDialog';
import type { Target } from './bulk';
import { Cards } from './Cards';
import { CellEditor } from './CellEditor';
import { ColumnChooser } from './ColumnChooser';
import { COLUMNS, shownColumns, type EditField } from './columns';
import { CreateTask } from './CreateTask';
import { editTask } from './edit';
import { FilterBar } from './FilterBar';
import { queryParams, readQuery, type ListQuery, type TaskRow } from './filters';
import { Grid } from './Grid';
import gridStyles from './Grid.module.css';
import type { RowActions } from './GridRow';
import { useMedia } from './media';
import { useNames } from './people';
import { exportAddress, useTaskRows } from './rows';
import { NONE, select, selectedCount } from './selection';
import styles from './Tasks.module.css';
import { useFresh } from './useFresh';
import { ViewBar } from './ViewBar';

interface Editing {
  task: TaskRow;
  field: EditField;
  cell: HTMLElement;
}

const NARROW = '(max-width: 760px)';

function download(address: string) {
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}

export default function Tasks() {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => readQuery(params), [params]);
  const names = useNames();
  const rows = useTaskRows(query);
  const shown = useSyncExternalStore(shownColumns.subscribe, shownColumns.get);
  const mayEdit = useMay('operator');
  const columns = useMemo(() => {
    const wanted = COLUMNS.filter((column) => shown.includes(column.key));
    return mayEdit ? wanted : wanted.map(({ edit: _, ...column }) => column);
  }, [shown, mayEdit]);
  const narrow = useMedia(NARROW);
  const coarse = useMedia('(pointer: coarse)');
  const compact = useAppearance().density === 'compact';
  const [selection, change] = useReducer(select, NONE);
  const [editing, setEditing] = useState<Editing>();
  const [bulk, setBulk] = useState<Target>();
  const [creating, setCreating] = useState(false);
  const [announced, announce] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const atTop = useRef(true);
  const selected = selectedCount(selection, rows.total);

  const fresh = useFresh(rows, () => {
    const element = area.current;
    const used = element?.matches(':hover, :focus-within') ?? false;
    return atTop.current && !used && selected === 0 && !editing && !bulk;
  });
  useShortcut('/', 'Search tasks', () => search.current?.focus());
  useShortcut('n', 'New task', () => setCreating(true), undefined, 'operator');

  const show = (next: ListQuery) => {
    change({ type: 'none' });
    setParams(queryParams(next), { replace: true });
  };
  const latest = useRef(rows);
  latest.current = rows;
  const actions: RowActions = {
    toggle: (row) => {
      const id = rows.at(row)?.task_id;
      if (id) change({ type: 'toggle', id, index: row, loaded: () => latest.current.loaded().map((task) => task.task_id) });
    },
    selectTo: (row, from) => {
      const idAt = (index: number) => latest.current.at(index)?.task_id;
      const start = from === undefined ? undefined : rows.at(from);
      if (start && !selection.all && selection.anchor === undefined)
        change({ type: 'toggle', id: start.task_id, index: from!, loaded: () => [] });
      change({ type: 'range', index: row, idAt });
    },
    edit: (task, field, cell) => setEditing({ task, field, cell }),
    open: (task) => navigate(`/tasks/${encodeURIComponent(task.task_id)}`),
    escape: () => change({ type: 'none' }),
  };
  const onDone = (value: string | null | undefined) => {
    if (!editing) return;
    const { task, field, cell } = editing;
    setEditing(undefined);
    // Whoever has gone on to another cell before the list was closed stays there.
    const at = document.activeElement?.closest('[role="gridcell"]');
    if (at && at !== cell && area.current?.contains(at) && value === undefined) return;
    const row = area.current?.querySelector<HTMLElement>(`[data-task="${task.task_id}"]`);
    (row?.querySelector<HTMLElement>(`[data-column="${cell.dataset.column}"]`) ?? cell).focus({ preventScroll: true });
    if (value === undefined) return;
    void editTask(queries, task, field, value).then((saved) => announce(saved ? `${task.title}: saved` : ''));
  };
  const onTop = useCallback((top: boolean) => {
    atTop.current = top;
  }, []);
  const filtered = Object.keys(rows.query.filter).length > 0;
  const clear = () => show({ ...query, filter: {}, most: undefined });
  const pill = fresh.more !== undefined && (
    <Button size="sm" variant="primary" icon="refresh" className={gridStyles.pill} onClick={fresh.take}>
      {fresh.more > 0 ? `${fresh.more.toLocaleString('en-US')} new` : 'List changed'}
    </Button>
  );

  return (
    <Page fill>
      <PageHeader
        title="Tasks"
        badge={!rows.pending && !rows.error && <span className={styles.total}>{count(rows.total, 'task')}</span>}
        actions={
          <>
            <Menu
              label="Export"
              icon="download"
              showLabel={!narrow}
              items={[
                `${count(rows.total, 'task')} of this list`,
                { label: 'CSV', icon: 'table', onSelect: () => download(exportAddress('csv', rows.query)) },
                { label: 'NDJSON', icon: 'download', onSelect: () => download(exportAddress('ndjson', rows.query)) },
              ]}
            />
            {!narrow && <ColumnChooser />}
            <Button variant="primary" icon="plus" needs="operator" onClick={() => setCreating(true)}>
              New task
            </Button>
          </>
        }
      />
      <div className={styles.above}>
        <ViewBar query={query} owners={names.owners} />
        <FilterBar query={query} names={names} search={search} onChange={show} />
        <BulkProgress />
      </div>
      <p className="visually-hidden" role="status">
        {rows.switching ? '' : announced || (rows.pending ? '' : count(rows.total, 'task'))}
      </p>
      <div ref={area} className={styles.area}>
        {rows.error ? (
          <ErrorState error={rows.error} title="The tasks could not be loaded" onRetry={rows.retry} />
        ) : rows.pending ? (
          <Skeleton label="Loading tasks" rows={14} />
        ) : rows.total === 0 ? (
          filtered ? (
            <EmptyState icon="filter" title="No task matches" action={<Button onClick={clear}>Clear the filters</Button>}>
              Every filter narrows the list; take one away to see more.
            </EmptyState>
          ) : (
            <EmptyState
              icon="tasks"
              title="No tasks yet"
              action={
                <Button icon="plus" needs="operator" onClick={() => setCreating(true)}>
                  New task
                </Button>
              }
            >
              Tasks appear as mail comes in.
            </EmptyState>
          )
        ) : narrow ? (
          <Cards rows={rows} selection={selection} onToggle={actions.toggle} onTop={onTop}>
            {pill}
          </Cards>
        ) : (
          <Grid
            rows={rows}
            columns={columns}
            rowHeight={coarse ? 48 : compact ? 34 : 44}
            selection={selection}
            actions={actions}
            onSort={(sort, direction) => show({ ...query, sort, direction })}
            onSelectAll={(on) => change({ type: on ? 'all' : 'none' })}
            onTop={onTop}
          >
            {pill}
          </Grid>
        )}
        {selected > 0 && (
          <BulkBar
            selected={selected}
            total={rows.total}
            all={selection.all}
            onAll={() => change({ type: 'all' })}
            onEdit={() => setBulk(selection.all ? { filter: rows.query.filter } : { ids: [...selection.ids] })}
            onClear={() => change({ type: 'none' })}
          />
        )}
      </div>
      {rows.failed && (
        <p role="alert" className={styles.failed}>
          Some rows could not be loaded.
          <Button size="sm" icon="refresh" onClick={rows.retry}>
            Try again
          </Button>
        </p>
      )}
      {editing && <CellEditor key={editing.field} task={editing.task} field={editing.field} anchor={editing.cell} owners={names.owners} onDone={onDone} />}
      {bulk && (
        <BulkDialog
          target={bulk}
          owners={names.owners}
          onClose={() => setBulk(undefined)}
          onApplied={() => {
            setBulk(undefined);
            change({ type: 'none' });
          }}
          onEnd={() => void latest.current.refresh()}
        />
      )}
      {creating && <CreateTask owners={names.owners} onClose={() => setCreating(false)} onCreated={() => void latest.current.refresh()} />}
    </Page>
  );
}
