import type { components } from '@workflow-intelligence/client';

export type Mailbox = components['schemas']['Mailbox'];
type Source = components['schemas']['MailboxSource'];
type SaveMailboxRequest = components['schemas']['SaveMailboxRequest'];

/** A mailbox as it is typed. */
export interface MailboxDraft {
  name: string;
  display: string;
  enabled: boolean;
  kind: Source['kind'];
  path: string;
  pattern: string;
  host: string;
  port: string;
  user: string;
  passwordEnv: string;
  passwordFile: string;
  folder: string;
  tls: NonNullable<Source['tls']>;
  caFile: string;
  after: string;
  moveTo: string;
  owner: string;
  ownerEmail: string;
  category: string;
  use: Mailbox['category_use'];
  reviewBelow: string;
  flood: string;
  domains: string;
}

export function toDraft(mailbox: Mailbox | undefined): MailboxDraft {
  const source = mailbox?.source;
  return {
    name: mailbox?.name ?? '',
    display: mailbox?.display ?? '',
    enabled: mailbox?.enabled ?? true,
    kind: source?.kind ?? 'none',
    path: source?.path ?? '',
    pattern: source?.pattern ?? '',
    host: source?.host ?? '',
    port: source?.port == null ? '' : String(source.port),
    user: source?.user ?? '',
    passwordEnv: source?.password_env ?? '',
    passwordFile: source?.password_file ?? '',
    folder: source?.folder ?? '',
    tls: source?.tls ?? 'implicit',
    caFile: source?.ca_file ?? '',
    after: source?.after ?? '',
    moveTo: source?.move_to ?? '',
    owner: mailbox?.default_owner ?? '',
    ownerEmail: mailbox?.default_owner_email ?? '',
    category: mailbox?.workflow_category ?? '',
    use: mailbox?.category_use ?? 'default',
    reviewBelow: String(Math.round((mailbox?.review_below ?? 0.6) * 1000) / 10),
    flood: String(mailbox?.flood_per_hour ?? 200),
    domains: (mailbox?.own_domains ?? []).join('\n'),
  };
}

const given = (text: string) => text.trim() || null;

/** What is left out is the server's default, and goes unsaid. */
const told = (text: string) => text.trim() || undefined;

/** Only what is of the chosen kind. */
function source(draft: MailboxDraft): Source {
  const { kind } = draft;
  const after = { after: told(draft.after), move_to: draft.after === 'move' ? told(draft.moveTo) : undefined };
  if (kind === 'folder') return { kind, ...after, path: told(draft.path), pattern: told(draft.pattern) };
  if (kind !== 'imap') return { kind };
  return {
    kind,
    ...after,
    host: told(draft.host),
    port: draft.port === '' ? undefined : Number(draft.port),
    user: told(draft.user),
    password_env: told(draft.passwordEnv),
    password_file: told(draft.passwordFile),
    folder: told(draft.folder),
    tls: draft.tls,
    ca_file: told(draft.caFile),
  };
}

export function toRequest(draft: MailboxDraft): SaveMailboxRequest {
  return {
    display: given(draft.display),
    enabled: draft.enabled,
    source: source(draft),
    default_owner: given(draft.owner),
    default_owner_email: given(draft.ownerEmail),
    workflow_category: (draft.category || null) as SaveMailboxRequest['workflow_category'],
    category_use: draft.use,
    review_below: draft.reviewBelow === '' ? null : Number(draft.reviewBelow) / 100,
    flood_per_hour: draft.flood === '' ? null : Number(draft.flood),
    own_domains: draft.domains.split(/[\s,]+/).filter(Boolean),
  };
}

/** imap.example.com, or a folder; in a few words. */
export function sourceInWords({ kind, host, path }: Source): string {
  return kind === 'imap' ? `IMAP, ${host ?? 'no server'}` : kind === 'folder' ? `Folder ${path ?? ''}` : 'Nowhere: mail is sent to the API';
}
