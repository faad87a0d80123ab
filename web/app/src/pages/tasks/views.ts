import { Store } from '../../data/store';
import { queryParams, readQuery, sameList } from './filters';

/** A list that somebody comes back to: a name for an address. */
export interface View {
  id: string;
  name: string;
  /** Without the question mark. */
  search: string;
}

/** Whose tasks `Mine` shows; the server does not know who looks. */
const ME = 'tasks.me';
const VIEWS = 'tasks.views';

function read<T>(key: string, fallback: T, fits: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return fits(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // No storage: it holds until the page is left.
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isViews = (value: unknown): value is View[] =>
  Array.isArray(value) && value.every((one: Partial<View> | null) => isText(one?.id) && isText(one?.name) && isText(one?.search));

export const savedViews = new Store<readonly View[]>(read(VIEWS, [], isViews));
export const me = new Store<string>(read(ME, '', isText));

const keep = (views: readonly View[]) => {
  savedViews.set(views);
  write(VIEWS, views);
};

/** Keeps a list under a name; gives the view. */
export function saveView(name: string, params: URLSearchParams): View {
  const taken = savedViews.get().map(({ id }) => Number(id));
  const view = { id: String(Math.max(0, ...taken) + 1), name, search: queryParams(readQuery(params)).toString() };
  keep([...savedViews.get(), view]);
  return view;
}

export const renameView = (id: string, name: string) => keep(savedViews.get().map((view) => (view.id === id ? { ...view, name } : view)));
export const deleteView = (id: string) => keep(savedViews.get().filter((view) => view.id !== id));
export const replaceView = (id: string, params: URLSearchParams) =>
  keep(savedViews.get().map((view) => (view.id === id ? { ...view, search: queryParams(readQuery(params)).toString() } : view)));

export function setMe(name: string): void {
  me.set(name);
  write(ME, name);
}

/** The views that everybody has. `mine` needs to know who one is. */
export function builtIn(name: string): readonly View[] {
  return [
    { id: 'all', name: 'All', search: '' },
    { id: 'open', name: 'Open', search: 'open=true' },
    { id: 'next', name: 'Breaching next', search: 'open=true&has_deadline=true&sort=sla_deadline&direction=asc' },
    { id: 'mine', name: 'Mine', search: name ? new URLSearchParams({ owner: name, open: 'true' }).toString() : '' },
    { id: 'unassigned', name: 'Unassigned', search: 'open=true&unassigned=true' },
    { id: 'review', name: 'Needs review', search: 'tag=review' },
  ];
}

/** The view that an address shows. */
export function viewOf(views: readonly View[], params: URLSearchParams): View | undefined {
  return views.find((view) => (view.id !== 'mine' || view.search !== '') && sameList(new URLSearchParams(view.search), params));
}
