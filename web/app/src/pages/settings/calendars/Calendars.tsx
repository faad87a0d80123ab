import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { count, number } from '../../../data/format';
import { ButtonLink, Card, DataTable, EmptyState, ErrorState, Menu, Page, PageHeader, Skeleton } from '../../../ui';
import { useBook, type Calendar, type Revision } from '../sla/book';
import { SaveDialog } from '../sla/SaveDialog';
import { CalendarEditor } from './CalendarEditor';
import { DAYS, inDay, openHours, toDraft } from './calendar';
import styles from './Calendars.module.css';

/** The week at a glance; the open hours stand beside it. */
function MiniWeek({ calendar }: { calendar: Calendar }) {
  const { week } = toDraft('', calendar);
  return (
    <span className={styles.mini} aria-hidden="true">
      {DAYS.map((day) => (
        <span key={day} className={styles.miniDay}>
          {week[day].map((span, at) => {
            const placed = inDay(span);
            return placed && <span key={at} className={styles.miniOpen} style={{ top: `${placed.left}%`, height: `${placed.width}%` }} />;
          })}
        </span>
      ))}
    </span>
  );
}

const href = (name: string) => `/settings/calendars?calendar=${encodeURIComponent(name)}`;

/** `?calendar=NAME` opens one, `?new` a new one. */
export default function Calendars() {
  const book = useBook();
  const [params, setParams] = useSearchParams();
  const [removed, setRemoved] = useState<{ name: string; from: Revision } | null>(null);
  const name = params.get('calendar');
  const all = Object.entries(book.data?.book.calendars ?? {});
  const known = all.some(([other]) => other === name);
  if (book.data && (params.has('new') || known)) return <CalendarEditor key={name} revision={book.data} name={known ? name : null} onDone={() => setParams({})} />;
  const usedBy = (calendar: string) => (book.data?.book.policies ?? []).filter((policy) => policy.calendar === calendar).map((policy) => policy.name);
  const without = ({ name, from }: { name: string; from: Revision }) => {
    const { [name]: _, ...calendars } = from.book.calendars ?? {};
    return { ...from.book, calendars };
  };
  return (
    <Page>
      <PageHeader
        title="Calendars"
        description="The hours in which the clock of a policy runs."
        actions={
          <ButtonLink variant="primary" icon="plus" needs="admin" to="/settings/calendars?new">
            New calendar
          </ButtonLink>
        }
      />
      {book.error ? (
        <ErrorState error={book.error} title="The calendars could not be loaded" onRetry={() => void book.refetch()} />
      ) : book.isPending ? (
        <Skeleton label="Loading calendars" rows={5} />
      ) : name !== null ? (
        <EmptyState icon="search" title="There is no calendar of this name" action={<ButtonLink to="/settings/calendars">All calendars</ButtonLink>} />
      ) : (
        <Card flush>
          <DataTable
            caption="Calendars"
            rows={all}
            rowKey={([calendar]) => calendar}
            empty={
              <EmptyState icon="calendar" title="No calendars yet">
                Without one, hours are counted round the clock.
              </EmptyState>
            }
            columns={[
              { key: 'name', header: 'Calendar', rowHeader: true, cell: ([calendar]) => <Link href={href(calendar)} className={styles.name}>{calendar}</Link> },
              { key: 'zone', header: 'Time zone', cell: ([, { zone }]) => zone },
              { key: 'week', header: 'Monday to Sunday', optional: true, cell: ([, calendar]) => <MiniWeek calendar={calendar} /> },
              { key: 'hours', header: 'Open a week', align: 'end', cell: ([, calendar]) => `${number(openHours(calendar))} h` },
              { key: 'days', header: 'Other days', align: 'end', cell: ([, { exceptions }]) => number(Object.keys(exceptions ?? {}).length) },
              { key: 'used', header: 'Used by', optional: true, cell: ([calendar]) => usedBy(calendar).join(', ') || 'No policy' },
              {
                key: 'actions',
                header: <span className="visually-hidden">Actions</span>,
                align: 'end',
                cell: ([calendar]) => (
                  <Menu
                    label={`Actions for ${calendar}`}
                    items={[
                      { label: 'Edit', icon: 'edit', to: href(calendar) },
                      {
                        label: 'Remove',
                        icon: 'trash',
                        danger: true,
                        needs: 'admin',
                        disabled: usedBy(calendar).length > 0,
                        hint: usedBy(calendar).length > 0 ? `used by ${count(usedBy(calendar).length, 'policy', 'policies')}` : undefined,
                        onSelect: () => setRemoved({ name: calendar, from: book.data }),
                      },
                    ]}
                  />
                ),
              },
            ]}
          />
        </Card>
      )}
      {removed && (
        <SaveDialog
          title={`Remove ${removed.name}?`}
          confirm="Remove the calendar"
          danger
          book={without(removed)}
          revision={removed.from.revision}
          onClose={() => setRemoved(null)}
          onSaved={() => setRemoved(null)}
          onNewest={(from) => setRemoved({ name: removed.name, from })}
        />
      )}
    </Page>
  );
}
