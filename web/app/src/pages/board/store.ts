import { Problem } from '../../data/problem';
import { withCard, withHead, without, withPage } from './cards';
import type { BoardApi } from './api';
import { passes, type ListFilters } from './filters';
import { columnOf, comparing, guess, type ColumnSpec, type Grouping, type TaskRow, type Updates } from './model';

export interface ColumnState {
  cards: readonly TaskRow[];
  /** How many there are on the server; null until that is known. */
  total: number | null;
  /** Where the next page begins; null at the end. */
  next: string | null;
  phase: 'idle' | 'loading' | 'ready';
  error: Problem | null;
}

/** What an event says of a task. */
export interface Change {
  id: string;
  version: number;
  at: string;
  updates?: Partial<TaskRow>;
  deleted?: boolean;
}

export interface Flags {
  /** Changed here, and the server has not answered yet. */
  pending: ReadonlySet<string>;
  /** Changed elsewhere a moment ago. */
  fresh: ReadonlySet<string>;
}

const IDLE: ColumnState = { cards: [], total: null, next: null, phase: 'idle', error: null };
const PAGE = 100;
/** Milliseconds: events of this long are one rendering; how long a change glows; between counts of all columns. */
const FRAME = 50;
const GLOW = 1800;
const COUNT = 1000;
/** What decides whether a task is here, and in which column; how urgent it is decides its status. */
const PLACING: readonly (keyof TaskRow)[] = ['task_status', 'workflow_state', 'current_owner', 'workflow_category', 'priority', 'mailbox_source', 'sla_deadline', 'sla_state'];
/** Unknown tasks beyond which reading the columns again costs less. */
const MANY = 8;

/** The cards of one view. Components watch it; events, fetches and moves change it. */
export class BoardStore {
  #columns = new Map<string, ColumnState>();
  #specs = new Map<string, ColumnSpec>();
  #flags: Flags = { pending: new Set(), fresh: new Set() };
  #queue: Change[] = [];
  /** Events about tasks that are being changed or dragged here. */
  #waiting: Change[] = [];
  #held: string | undefined;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly grouping: Grouping,
    readonly filters: ListFilters,
    readonly api: BoardApi,
    readonly now: () => number,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly flags = (): Flags => this.#flags;
  column(id: string): ColumnState {
    return this.#columns.get(id) ?? IDLE;
  }
  find(id: string): TaskRow | undefined {
    for (const { cards } of this.#columns.values()) {
      const card = cards.find((one) => one.task_id === id);
      if (card) return card;
    }
    return undefined;
  }
  columnWith(id: string): string | undefined {
    for (const [column, { cards }] of this.#columns) if (cards.some((card) => card.task_id === id)) return column;
    return undefined;
  }

  setColumns(specs: readonly ColumnSpec[]): void {
    this.#specs = new Map(specs.map((spec) => [spec.id, spec]));
  }
  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Fetches the first page, or the next one. */
  async more(id: string): Promise<void> {
    const spec = this.#specs.get(id);
    const { phase, next, error, cards } = this.column(id);
    if (!spec || phase === 'loading' || (phase === 'ready' && next === null && !error)) return;
    const first = phase === 'idle' || cards.length === 0;
    this.#set(id, { phase: 'loading', error: null });
    try {
      const page = await this.#page(spec, first ? undefined : (next ?? undefined));
      const now = this.column(id);
      this.#set(id, {
        cards: withPage(now.cards, page.rows.filter((row) => !this.#flags.pending.has(row.task_id)), comparing(spec.order)),
        total: page.total ?? now.total,
        next: page.next,
        phase: 'ready',
      });
    } catch (cause) {
      this.#set(id, { phase: first ? 'idle' : 'ready', error: Problem.of(cause) });
    }
  }

  /** Reads the beginning of every column again, or of some. */
  async reload(which: (spec: ColumnSpec) => boolean = () => true): Promise<void> {
    await Promise.all(
      [...this.#specs.values()]
        .filter((spec) => which(spec) && (this.column(spec.id).phase === 'ready' || this.column(spec.id).error))
        .map(async (spec) => {
          try {
            const page = await this.#page(spec);
            const now = this.column(spec.id);
            const keep = (id: string) => this.#flags.pending.has(id) || id === this.#held;
            const cards = withHead(now.cards, page.rows, page.next !== null, keep, comparing(spec.order));
            const next = cards.length > page.rows.length && now.next !== null ? now.next : page.next;
            this.#set(spec.id, { cards, total: page.total, next, phase: 'ready', error: null });
          } catch (cause) {
            this.#set(spec.id, { error: Problem.of(cause) });
          }
        }),
    );
  }

  /** Takes an event; several are shown at once. */
  take(change: Change): void {
    if (this.#flags.pending.has(change.id) || change.id === this.#held) return void this.#waiting.push(change);
    this.#queue.push(change);
    this.#later('flush', FRAME, () => this.#flush());
  }

  /** Leaves a card alone while it is dragged. */
  hold(id: string | undefined): void {
    this.#held = id;
    if (id === undefined) this.#release();
  }

  /** Changes a task here at once, then on the server. If that refuses, it is as before and what it said is thrown. */
  async change(before: TaskRow, updates: Updates, onQueued: () => void): Promise<TaskRow> {
    const id = before.task_id;
    this.#flag('pending', id, true);
    this.#settle(guess(before, updates, this.now()), true);
    try {
      const after = await this.api.update(id, before.version, updates, onQueued);
      this.#flag('pending', id, false);
      this.#settle(after, true);
      return after;
    } catch (cause) {
      this.#flag('pending', id, false);
      this.#settle(before, true);
      throw cause;
    } finally {
      this.#release();
      this.#recount();
    }
  }

  /** Shows a task as the server has it. */
  show(task: TaskRow, glow = false): void {
    if ((this.find(task.task_id)?.version ?? 0) > task.version) return;
    this.#settle(task, false);
    if (glow) this.#glow(task.task_id);
  }
  remove(id: string): void {
    for (const [column, { cards, total }] of this.#columns) {
      const rest = without(cards, id);
      if (rest !== cards) this.#set(column, { cards: rest, total: total === null ? null : total - 1 });
    }
    this.#recount();
  }

  #page(spec: ColumnSpec, cursor?: string) {
    return this.api.list({ ...this.filters, ...spec.query, ...spec.order, limit: PAGE, ...(cursor !== undefined && { cursor }) });
  }

  #flush(): void {
    const queue = this.#queue.splice(0);
    const unknown = new Set<string>();
    for (const { id, version, at, updates, deleted } of queue) {
      const known = this.find(id);
      if (deleted) this.remove(id);
      else if (known && known.version >= version) continue;
      else if (known && updates && known.version === version - 1) {
        this.show({ ...known, ...updates, version, updated_at: at }, true);
      } else if (known || !updates || this.#places(updates)) unknown.add(id);
      // Of many tasks that are not here, no more can be seen than that one was last updated.
      else this.#later('newest', 2 * COUNT, () => void this.reload(({ order }) => order.sort === 'updated_at'));
    }
    if (unknown.size > 0) void this.#learn([...unknown]);
  }

  /** Whether a change may bring a task that is not here to the board. */
  #places(updates: Partial<TaskRow>): boolean {
    const sorts = [...this.#specs.values()].map(({ order }) => order.sort);
    return this.filters.q !== undefined || [...PLACING, ...sorts].some((field) => field in updates);
  }

  /** Finds out about tasks that are not on the board, or of which something was missed. */
  async #learn(ids: string[]): Promise<void> {
    this.#recount();
    if (ids.length > MANY || this.filters.q) return this.#later('reload', COUNT / 2, () => void this.reload());
    await Promise.all(
      ids.map(async (id) => {
        const found = await this.api.get(id).catch(() => undefined);
        if (!found || this.#flags.pending.has(id)) return;
        this.show(found.task, true);
      }),
    );
  }

  /** Puts a task where it belongs. `pin`: shown even if its place is behind what is loaded. */
  #settle(task: TaskRow, pin: boolean): void {
    const id = task.task_id;
    const to = passes(this.filters, task) ? columnOf(this.grouping, task) : undefined;
    const from = this.columnWith(id);
    if (from !== undefined && from !== to) {
      const { cards, total } = this.column(from);
      this.#set(from, { cards: without(cards, id), total: total === null ? null : total - 1 });
    }
    const spec = to === undefined ? undefined : this.#specs.get(to);
    if (spec) {
      const { cards, next, total, phase } = this.column(spec.id);
      const compare = comparing(spec.order);
      const last = cards.at(-1);
      const shown = phase !== 'idle' && (pin || next === null || from === spec.id || (last !== undefined && compare(task, last) < 0));
      const moved = from !== undefined && from !== to && total !== null;
      if (shown) this.#set(spec.id, { cards: withCard(cards, task, compare), total: moved ? total + 1 : total });
      else if (moved) this.#set(spec.id, { total: total + 1 });
    }
    if (from !== to) this.#recount();
  }

  #recount(): void {
    this.#later('count', this.#specs.size > 8 ? 5 * COUNT : COUNT, () => {
      for (const spec of this.#specs.values()) {
        if (this.column(spec.id).phase === 'idle') continue;
        this.api.list({ ...this.filters, ...spec.query, ...spec.order, limit: 1 }).then(
          ({ total }) => this.#flags.pending.size === 0 && this.#set(spec.id, { total }),
          () => undefined,
        );
      }
    });
  }

  #release(): void {
    for (const change of this.#waiting.splice(0)) this.take(change);
  }
  #glow(id: string): void {
    this.#flag('fresh', id, true);
    clearTimeout(this.#timers.get(`glow ${id}`));
    this.#timers.delete(`glow ${id}`);
    this.#later(`glow ${id}`, GLOW, () => this.#flag('fresh', id, false));
  }
  #flag(name: keyof Flags, id: string, on: boolean): void {
    const set = new Set(this.#flags[name]);
    if (on) set.add(id);
    else set.delete(id);
    this.#flags = { ...this.#flags, [name]: set };
    this.#tell();
  }
  #set(id: string, change: Partial<ColumnState>): void {
    const old = this.column(id);
    if ((Object.keys(change) as (keyof ColumnState)[]).every((key) => Object.is(old[key], change[key]))) return;
    this.#columns.set(id, { ...old, ...change });
    this.#tell();
  }
  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
  #later(name: string, wait: number, action: () => void): void {
    if (this.#timers.has(name)) return;
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        action();
      }, wait),
    );
  }
}
