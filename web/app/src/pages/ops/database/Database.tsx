import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { bytes, count, duration, number } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Button, Card, ConfirmDialog, DataTable, DescriptionList, ErrorState, Grid, Icon, Page, PageHeader, RelativeTime, Skeleton, StatCard, type Column, type Sort } from '../../../ui';
import { Code, Freshness, Mono } from '../common/parts';
import parts from '../common/parts.module.css';
import { PERIOD, useDatabase } from '../common/queries';
import styles from './Database.module.css';

type Health = components['schemas']['Database'];
type Table = components['schemas']['DatabaseTable'];

export default function Database() {
  const query = useDatabase();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [comparing, setComparing] = useState(false);
  const { data } = query;
  return (
    <Page>
      <PageHeader
        title="Database"
        description={data && `${data.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'} ${data.version}`}
        actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} period={3 * PERIOD} onRefresh={() => void query.refetch()} />}
      />
      {query.error && !data ? (
        <ErrorState error={query.error} title="The database's health could not be loaded" onRetry={() => void query.refetch()} />
      ) : !data ? (
        <Skeleton label="Loading the database's health" rows={8} />
      ) : (
        <>
          <Warnings data={data} />
          <Grid min="12rem">
            <StatCard label="On disk" value={bytes(data.size_bytes)} note={data.free_bytes != null ? `${bytes(data.free_bytes)} of it free` : 'with indexes'} />
            {data.wal_bytes != null && <StatCard label="Write-ahead log" value={bytes(data.wal_bytes)} note="not in the main file yet" />}
            {data.claim_p95_ms.map(({ worker, ms }) => (
              <StatCard key={worker} label="Claims, p95" value={`${ms.toFixed(1)} ms`} note={<Mono>{worker}</Mono>} to="/ops/workers" />
            ))}
          </Grid>
          {data.oldest_transaction && <Oldest transaction={data.oldest_transaction} />}
          <Card
            title="Figures compared with the tasks"
            description="Sums are kept up to date with each change; a comparison counts everything anew."
            actions={
              <Button icon="refresh" needs="admin" onClick={() => setComparing(true)}>
                Compare now
              </Button>
            }
          >
            {data.reconciled ? (
              <p className={styles.compared}>
                <RelativeTime at={data.reconciled.at} />: {count(data.reconciled.cells, 'sum')} compared,{' '}
                {data.reconciled.repaired === 0 ? 'all were right.' : <strong className={parts.warn}>{number(data.reconciled.repaired)} put right.</strong>}
              </p>
            ) : (
              <p className={parts.note}>Not compared yet.</p>
            )}
          </Card>
          <Tables tables={data.tables} sqlite={data.kind === 'sqlite'} />
        </>
      )}
      <ConfirmDialog
        open={comparing}
        onClose={() => setComparing(false)}
        title="Compare the figures with the tasks?"
        confirm="Compare"
        reason="optional"
        onConfirm={async (reason) => {
          const { job_id } = await unwrap(http.POST('/api/metrics/reconcile', { body: reason ? { reason } : {} }));
          void queries.invalidateQueries({ queryKey: ['database'] });
          navigate(`/ops/jobs/${job_id}`);
        }}
      >
        A job counts all tasks anew and puts right what differs. You are taken to the job; its result says what did.
      </ConfirmDialog>
    </Page>
  );
}

function Warnings({ data }: { data: Health }) {
  if (data.warnings.length === 0) {
    return (
      <p className={styles.well}>
        <Icon name="check" />
        Nothing to look at.
      </p>
    );
  }
  return (
    <ul className={styles.warnings} aria-label="Warnings">
      {data.warnings.map((warning) => (
        <li key={warning}>
          <Icon name="alert" />
          {warning}
        </li>
      ))}
    </ul>
  );
}

function Oldest({ transaction }: { transaction: NonNullable<Health['oldest_transaction']> }) {
  return (
    <Card title="Oldest transaction" description="It keeps dead rows from being removed.">
      <div className={parts.stack}>
        <DescriptionList
          items={[
            ['Open for', duration(transaction.age_seconds * 1000)],
            ['Process', transaction.pid],
            ['Program', transaction.application],
            ['State', transaction.state],
          ]}
        />
        {transaction.query && <Code label="Last statement">{transaction.query}</Code>}
      </div>
    </Card>
  );
}

const size = (value: number | null | undefined) => (value == null ? <span className={parts.zero}>–</span> : <span className={parts.figure}>{bytes(value)}</span>);
const rows = (value: number | null | undefined) => (value == null ? <span className={parts.zero}>–</span> : <span className={parts.figure}>{number(value)}</span>);

const COLUMNS: readonly Column<Table>[] = [
  { key: 'name', header: 'Table', rowHeader: true, sortable: true, cell: (table) => <Mono>{table.name}</Mono> },
  { key: 'rows', header: 'Rows', align: 'end', sortable: true, cell: (table) => rows(table.rows) },
  { key: 'dead_rows', header: 'Dead rows', align: 'end', sortable: true, cell: (table) => rows(table.dead_rows) },
  { key: 'size_bytes', header: 'Size', align: 'end', sortable: true, cell: (table) => size(table.size_bytes) },
  { key: 'index_bytes', header: 'Indexes', align: 'end', sortable: true, cell: (table) => size(table.index_bytes) },
  {
    key: 'vacuumed_seconds_ago',
    header: 'Vacuumed',
    align: 'end',
    sortable: true,
    cell: (table) => (table.vacuumed_seconds_ago == null ? <span className={parts.zero}>Never</span> : `${duration(table.vacuumed_seconds_ago * 1000)} ago`),
  },
];

function Tables({ tables, sqlite }: { tables: readonly Table[]; sqlite: boolean }) {
  const [sort, setSort] = useState<Sort>();
  // What no table tells is no column.
  const columns = COLUMNS.filter(({ key }) => key === 'name' || tables.some((table) => table[key as keyof Table] != null));
  if (columns.length === 1) {
    return (
      <Card title="Tables" description={sqlite ? 'SQLite does not tell how large each is.' : undefined}>
        <p className={styles.names}>{tables.map(({ name }) => name).join(', ')}</p>
      </Card>
    );
  }
  const sorted = sort
    ? [...tables].sort((a, b) => {
        const [x, y] = [a[sort.key as keyof Table], b[sort.key as keyof Table]];
        const order = typeof x === 'string' ? x.localeCompare(String(y)) : Number(x ?? -1) - Number(y ?? -1);
        return sort.direction === 'asc' ? order : -order;
      })
    : tables;
  return (
    <Card title="Tables" description="Rows are estimates." flush>
      <DataTable caption="Tables" columns={columns} rows={sorted} rowKey={(table) => table.name} {...(sort && { sort })} onSort={setSort} />
    </Card>
  );
}
