import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { number } from '../../../data/format';
import { usePeople } from '../../../data/people';
import { Avatar, Button, Card, ConfirmDialog, DataTable, EmptyState, ErrorState, Menu, Page, PageHeader, Progress, Skeleton, Tag } from '../../../ui';
import { Waiting, WhoWould } from './Assignment';
import { ifMatch, useTeams, type Person, type Team } from './data';
import styles from './People.module.css';
import { PersonForm } from './PersonForm';
import layout from '../sla/Sla.module.css';
import { TeamForm } from './TeamForm';

type Asked = { kind: 'person'; person?: Person } | { kind: 'team'; team?: Team } | { kind: 'remove person'; person: Person } | { kind: 'remove team'; team: Team };

export default function People() {
  const queries = useQueryClient();
  const people = usePeople();
  const teams = useTeams();
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const refresh = () => Promise.all((['people', 'teams', 'assignment'] as const).map((topic) => queries.invalidateQueries({ queryKey: [topic] })));
  const error = people.error ?? teams.error;
  return (
    <Page>
      <PageHeader
        title="People and teams"
        description="Who is given tasks, how many, and of what kind."
        actions={
          <>
            <Button icon="plus" needs="admin" onClick={() => setAsked({ kind: 'team' })}>
              New team
            </Button>
            <Button variant="primary" icon="plus" needs="admin" onClick={() => setAsked({ kind: 'person' })}>
              New person
            </Button>
          </>
        }
      />
      {error ? (
        <ErrorState error={error} title="People and teams could not be loaded" onRetry={() => void Promise.all([people.refetch(), teams.refetch()])} />
      ) : !people.data || !teams.data ? (
        <Skeleton label="Loading people" rows={8} />
      ) : (
        <div className={layout.columns}>
          <div className={layout.stack}>
            <Card flush title="People">
              <DataTable
                caption="People"
                rows={people.data.people}
                rowKey={({ name }) => name}
                empty={<EmptyState icon="people" title="No people yet">Tasks wait until there is somebody to give them to.</EmptyState>}
                columns={[
                  { key: 'name', header: 'Person', rowHeader: true, cell: (row) => <Avatar name={row.name} withName /> },
                  { key: 'team', header: 'Team', cell: (row) => row.team ?? 'None' },
                  {
                    key: 'load',
                    header: 'Open of capacity',
                    cell: (row) => (
                      <span className={styles.load}>
                        {number(row.open_tasks)} of {number(row.capacity)}
                        <Progress label={`Load of ${row.name}`} value={Math.min(row.open_tasks, row.capacity)} max={Math.max(1, row.capacity)} />
                      </span>
                    ),
                  },
                  { key: 'skills', header: 'Skills', optional: true, cell: (row) => row.skills.map((skill) => `${skill.category ?? skill.mailbox ?? ''} ${skill.level}`).join(', ') || 'Anything' },
                  { key: 'state', header: 'State', cell: (row) => (!row.active ? <Tag>Not given tasks</Tag> : row.absent ? <Tag tone="yellow">Away</Tag> : <Tag tone="green">Here</Tag>) },
                  {
                    key: 'actions',
                    header: <span className="visually-hidden">Actions</span>,
                    align: 'end',
                    cell: (person) => (
                      <Menu
                        label={`Actions for ${person.name}`}
                        items={[
                          { label: 'Edit', icon: 'edit', needs: 'admin', onSelect: () => setAsked({ kind: 'person', person }) },
                          { label: 'Their tasks', icon: 'tasks', to: `/tasks?owner=${encodeURIComponent(person.name)}` },
                          null,
                          { label: 'Remove', icon: 'trash', danger: true, needs: 'admin', onSelect: () => setAsked({ kind: 'remove person', person }) },
                        ]}
                      />
                    ),
                  },
                ]}
              />
            </Card>
            <Card flush title="Teams" description="In the order in which they are asked.">
              <DataTable
                caption="Teams"
                rows={teams.data.teams}
                rowKey={({ name }) => name}
                empty={<EmptyState icon="people" title="No teams yet">People are given tasks as members of a team.</EmptyState>}
                columns={[
                  { key: 'name', header: 'Team', rowHeader: true, cell: (row) => row.name },
                  { key: 'strategy', header: 'Gives to', cell: (row) => (row.strategy === 'least_loaded' ? 'The least loaded' : 'Each in turn') },
                  { key: 'serves', header: 'Serves', cell: (row) => [...row.categories, ...row.mailboxes].join(', ') || 'Everything' },
                  { key: 'members', header: 'People', align: 'end', cell: (row) => number(row.members.length) },
                  {
                    key: 'actions',
                    header: <span className="visually-hidden">Actions</span>,
                    align: 'end',
                    cell: (team) => (
                      <Menu
                        label={`Actions for team ${team.name}`}
                        items={[
                          { label: 'Edit', icon: 'edit', needs: 'admin', onSelect: () => setAsked({ kind: 'team', team }) },
                          { label: 'Remove', icon: 'trash', danger: true, needs: 'admin', onSelect: () => setAsked({ kind: 'remove team', team }) },
                        ]}
                      />
                    ),
                  },
                ]}
              />
            </Card>
            <Waiting />
          </div>
          <aside aria-label="Preview" className={layout.beside}>
            <WhoWould />
          </aside>
        </div>
      )}
      {asked?.kind === 'person' && <PersonForm person={asked.person} teams={teams.data?.teams ?? []} onClose={close} />}
      {asked?.kind === 'team' && <TeamForm team={asked.team} onClose={close} />}
      {asked?.kind === 'remove person' && (
        <ConfirmDialog open onClose={close} danger title={`Remove ${asked.person.name}?`} confirm="Remove the person" onConfirm={() => unwrap(http.DELETE('/api/people/{person}', { params: { path: { person: asked.person.name }, ...ifMatch(asked.person.version) } })).then(refresh)}>
          Their tasks stay as they are, with their name.
        </ConfirmDialog>
      )}
      {asked?.kind === 'remove team' && (
        <ConfirmDialog open onClose={close} danger title={`Remove the team ${asked.team.name}?`} confirm="Remove the team" onConfirm={() => unwrap(http.DELETE('/api/teams/{team}', { params: { path: { team: asked.team.name }, ...ifMatch(asked.team.version) } })).then(refresh)}>
          Its people stay, without a team, and keep what they own.
        </ConfirmDialog>
      )}
    </Page>
  );
}
