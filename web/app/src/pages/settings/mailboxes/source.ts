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

/** What is left out is the server's default; null would be a value. */
function source(draft: MailboxDraft): Source {
  return Object.fromEntries(Object.entries(parts(draft)).filter(([, value]) => value !== null)) as Source;
}

/** Only what is of the chosen kind. */
function parts(draft: MailboxDraft): Source {
  const none: Source = { kind: draft.kind, after: null, ca_file: null, folder: null, host: null, move_to: null, password_env: null, password_file: null, path: null, pattern: null, port: null, tls: null, user: null };
  const after = { after: given(draft.after), move_to: draft.after === 'move' ? given(draft.moveTo) : null };
  if (draft.kind === 'folder') return { ...none, ...after, path: given(draft.path), pattern: given(draft.pattern) };
  if (draft.kind !== 'imap') return none;
  return {
    ...none,
    ...after,
    host: given(draft.host),
    port: draft.port === '' ? null : Number(draft.port),
    user: given(draft.user),
    password_env: given(draft.passwordEnv),
    password_file: given(draft.passwordFile),
    folder: given(draft.folder),
    tls: draft.tls,
    ca_file: given(draft.caFile),
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
