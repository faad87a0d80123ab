// The first page: status figures, the task list with its side panel, and live events.
//
// It owns what is on screen and nothing else: every fact comes from /api/workflow and /ws, and every
// change goes through the same public API. Text from mail is hostile, so the DOM is built from text
// nodes only; no markup is ever parsed. Countdowns run on the server's clock.

const API = '/api/workflow';
const PAGE = 50;
const EVENTS_SHOWN = 50;
const STATUSES = ['RED', 'YELLOW', 'GREEN', 'COMPLETED'];
const CATEGORIES = ['Order Management', 'Quote Processing', 'Shipping and Logistics', 'Vendor Pricing Updates',
  'Returns and RMA', 'Account Changes', 'Deal Activations', 'General Support'];
const SORTS = [['priority:asc', 'Highest priority'], ['sla_deadline:asc', 'Deadline soonest'], ['dollar_value:desc', 'Highest value'],
  ['created_at:desc', 'Newest'], ['updated_at:desc', 'Last updated'], ['priority:desc', 'Lowest priority'],
  ['sla_deadline:desc', 'Deadline latest'], ['dollar_value:asc', 'Lowest value'], ['created_at:asc', 'Oldest']];
const COLUMNS = [['Status'], ['Task'], ['Owner'], ['Priority', 'priority', 'asc'],
  ['Value', 'dollar_value', 'desc'], ['Deadline', 'sla_deadline', 'asc']];
const ENTITIES = [['customers', 'Customers'], ['po_numbers', 'Purchase orders'], ['order_numbers', 'Orders'], ['quote_numbers', 'Quotes'],
  ['case_numbers', 'Cases'], ['part_numbers', 'Parts'], ['tracking_numbers', 'Tracking']];

const state = {
  filters: readUrl(),
  tasks: [], next: null, total: null, loaded: false,
  titles: new Map(),       // task_id -> title, for events that carry only the id
  rows: new Map(),         // task_id -> {tr, seen}, so that a refresh keeps focus and scroll
  panel: null,             // {id, task, opener}
  clock: { offset: 0, exact: false },
  cursor: null, seen: new Set(),
};

const $ = id => document.getElementById(id);

// ------------------------------------------------------------------ DOM

function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false));
  return node;
}

const ICONS = {
  RED: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 4.8v3.8M8 11.1v.1',
  YELLOW: 'M8 2.2l6.2 11.3H1.8zM8 6.4v3.2M8 11.6v.1',
  GREEN: 'M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9zM8 4.6V8l2.3 1.5',
  COMPLETED: 'M8 1.9a6.1 6.1 0 1 1 0 12.2A6.1 6.1 0 0 1 8 1.9zM5.2 8.2l2 2 3.7-4.1',
  close: 'M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4',
};

function icon(name) {
  const [svg, path] = ['svg', 'path'].map(tag => document.createElementNS('http://www.w3.org/2000/svg', tag));
  for (const [key, value] of [['viewBox', '0 0 16 16'], ['aria-hidden', 'true'], ['class', 'icon']]) svg.setAttribute(key, value);
  path.setAttribute('d', ICONS[name] ?? '');
  svg.append(path);
  return svg;
}

function priorityBars(priority) {
  const level = { NORMAL: 1, MEDIUM: 2, HIGH: 3, CRITICAL: 4 }[priority] ?? 0;
  return h('span', { class: 'bars', 'data-level': level, 'aria-hidden': 'true' }, [1, 2, 3].map(n => h('i', { class: n <= level ? 'on' : null })));
}

const statusPill = status => h('span', { class: 'status', 'data-status': status }, icon(status), h('span', {}, sentence(status)));

// ------------------------------------------------------------------ words

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const wholeDollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clockTime = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

const sentence = text => { const s = String(text ?? '').replaceAll('_', ' ').toLowerCase(); return s.charAt(0).toUpperCase() + s.slice(1); };
const money = value => (Number(value) > 0 ? dollars.format(value) : '—');
const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const when = iso => (iso ? dateTime.format(new Date(iso)) : '—');
const initials = name => name.split(/[\s@.]+/).filter(Boolean).slice(0, 2).map(w => w[0].toUpperCase()).join('');

function span(ms) {
  const s = Math.floor(Math.abs(ms) / 1000), m = Math.floor(s / 60), hours = Math.floor(m / 60), days = Math.floor(hours / 24);
  if (days) return `${days}d ${hours % 24}h`;
  if (hours) return `${hours}h ${String(m % 60).padStart(2, '0')}m`;
  return `${m}m ${String(s % 60).padStart(2, '0')}s`;
}

// ------------------------------------------------------------------ the server's clock

const serverNow = () => Date.now() + state.clock.offset;

function readClock(response, sentAt) {
  const date = Date.parse(response.headers.get('Date') ?? '');
  const offset = date + 500 - (sentAt + Date.now()) / 2; // the header has whole seconds, so a smaller step means nothing
  if (!state.clock.exact && Math.abs(offset - state.clock.offset) > 1000) state.clock.offset = offset;
}

/** The level to paint and the words for it. Between two refreshes the page itself notices a passed deadline. */
function slaView({ task_status: status, sla_state: sla, sla_deadline: deadline }) {
  if (status === 'COMPLETED') return sla === 'missed' ? ['missed', 'Missed'] : ['met', sla === 'met' ? 'Met' : 'Done'];
  if (sla === 'paused') return ['paused', 'Paused'];
  if (!deadline) return ['none', 'No deadline'];
  const left = Date.parse(deadline) - serverNow();
  return left < 0 ? ['violated', `${span(left)} overdue`] : [sla ?? 'ok', `${span(left)} left`];
}

function paintCountdown(node) {
  const [level, text] = slaView(node.task);
  if (node.textContent !== text) node.textContent = text;
  node.dataset.sla = level;
}

function countdown(task) {
  const node = h('span', { class: 'sla', title: task.sla_deadline ? `Deadline ${when(task.sla_deadline)}` : null });
  node.task = task;
  paintCountdown(node);
  return node;
}

// ------------------------------------------------------------------ HTTP

class Problem extends Error {
  constructor(status, body, requestId) {
    const details = (body?.errors ?? []).map(e => [e.pointer, e.detail].filter(Boolean).join(' '));
    super([body?.detail || body?.title || `The server answered ${status}.`, ...details].join(' '));
    Object.assign(this, { status, requestId });
  }
}

async function call(path, options = {}) {
  const sentAt = Date.now();
  const response = await fetch(path, { ...options, headers: { Accept: 'application/json', ...options.headers } });
  readClock(response, sentAt);
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, body, body?.instance ?? response.headers.get('X-Request-Id'));
  return { body, status: response.status };
}

function problemText(error) {
  const text = error instanceof Problem ? error.message : 'The server cannot be reached.';
  return error.requestId ? `${text} Request ${error.requestId}` : text;
}

// ------------------------------------------------------------------ filters and the address

function readUrl() {
  const url = new URLSearchParams(location.search);
  const sort = `${url.get('sort') ?? 'priority'}:${url.get('direction') ?? 'asc'}`;
  return {
    status: new Set(url.getAll('status').filter(s => STATUSES.includes(s))),
    sla: url.get('sla_state') === 'violated' ? 'violated' : '',
    category: CATEGORIES.includes(url.get('category')) ? url.get('category') : '',
    q: url.get('q') ?? '',
    sort: SORTS.some(([key]) => key === sort) ? sort : 'priority:asc',
    task: url.get('task') ?? '',
  };
}

function query() {
  const f = state.filters, params = new URLSearchParams();
  for (const status of STATUSES) if (f.status.has(status)) params.append('status', status);
  if (f.sla) params.set('sla_state', f.sla);
  if (f.category) params.set('category', f.category);
  if (f.q.trim()) params.set('q', f.q.trim());
  const [sort, direction] = f.sort.split(':');
  params.set('sort', sort);
  params.set('direction', direction);
  return params;
}

const filtered = () => Boolean(state.filters.status.size || state.filters.sla || state.filters.category || state.filters.q.trim());

function writeUrl() {
  const params = query();
  if (state.filters.sort === 'priority:asc') { params.delete('sort'); params.delete('direction'); }
  if (state.panel) params.set('task', state.panel.id);
  const text = params.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

function setFilters(change) {
  Object.assign(state.filters, change);
  writeUrl();
  paintFilters();
  loadList();
}

function toggleStatus(status) {
  const set = new Set(state.filters.status);
  if (!set.delete(status)) set.add(status);
  setFilters({ status: set });
}

const clearFilters = () => setFilters({ status: new Set(), sla: '', category: '', q: '' });

function paintFilters() {
  const f = state.filters;
  for (const node of document.querySelectorAll('[data-toggle]')) {
    const key = node.dataset.toggle;
    const on = key === 'ALL' ? !f.status.size && !f.sla : key === 'violated' ? f.sla === 'violated' : f.status.has(key);
    node.setAttribute('aria-pressed', String(on));
  }
  if ($('q').value !== f.q) $('q').value = f.q;
  $('category').value = f.category;
  $('sort').value = f.sort;
  const [sort, direction] = f.sort.split(':');
  for (const th of $('columns').children) {
    if (th.dataset.sort) th.setAttribute('aria-sort', th.dataset.sort !== sort ? 'none' : direction === 'asc' ? 'ascending' : 'descending');
  }
}

function buildFilters() {
  const chip = (key, label, act) => h('button', { type: 'button', class: 'chip', 'data-toggle': key, 'aria-pressed': 'false', onclick: act }, ICONS[key] ? icon(key) : null, label);
  $('chips').append(chip('ALL', 'All', () => setFilters({ status: new Set(), sla: '' })), ...STATUSES.map(s => chip(s, sentence(s), () => toggleStatus(s))));
  $('category').append(h('option', { value: '' }, 'All categories'), ...CATEGORIES.map(c => h('option', { value: c }, c)));
  $('sort').append(...SORTS.map(([value, label]) => h('option', { value }, label)));
  $('category').addEventListener('change', e => setFilters({ category: e.target.value }));
  $('sort').addEventListener('change', e => setFilters({ sort: e.target.value }));
  let typing;
  $('q').addEventListener('input', e => { clearTimeout(typing); typing = setTimeout(() => setFilters({ q: e.target.value }), 200); });
  $('filters').addEventListener('submit', e => { e.preventDefault(); clearTimeout(typing); setFilters({ q: $('q').value }); });
  $('columns').append(...COLUMNS.map(([label, sort, first]) => h('th', { scope: 'col', role: 'columnheader', 'data-sort': sort, class: `c-${label.toLowerCase()}` },
    sort ? h('button', { type: 'button', onclick: () => sortBy(sort, first) }, label) : label)));
}

function sortBy(column, first) {
  const other = first === 'asc' ? 'desc' : 'asc';
  setFilters({ sort: state.filters.sort === `${column}:${first}` ? `${column}:${other}` : `${column}:${first}` });
}

// ------------------------------------------------------------------ figures

const figures = {};

function tile(key, label, toggle) {
  const value = h('strong', {}, '–'), note = h('small', {}, ' ');
  figures[key] = { value, note };
  const head = h('span', { class: 'label' }, ICONS[toggle] ? icon(toggle) : null, label);
  const share = STATUSES.includes(toggle) ? h('span', { class: 'share', 'aria-hidden': 'true' }, figures[key].bar = h('i')) : null;
  if (!toggle) return h('div', { class: 'tile', role: 'group', 'aria-label': label }, head, value, note);
  const act = () => (toggle === 'violated' ? setFilters({ sla: state.filters.sla ? '' : 'violated' }) : toggleStatus(toggle));
  return h('button', { type: 'button', class: 'tile', 'data-status': toggle, 'data-toggle': toggle, 'aria-pressed': 'false', onclick: act }, head, value, note, share);
}

function buildFigures() {
  $('figures').append(
    h('div', { class: 'tiles statuses' }, STATUSES.map(s => tile(s, sentence(s), s))),
    h('div', { class: 'tiles numbers' }, tile('revenue', 'Revenue at risk'), tile('met', 'SLA met'), tile('violations', 'Violations', 'violated'), tile('due', 'Due within 24 h')));
}

function paintFigures(m) {
  const set = (key, value, note) => { figures[key].value.textContent = value; figures[key].note.textContent = note; };
  for (const status of STATUSES) {
    const n = m[`${status.toLowerCase()}_tasks`] ?? 0, share = m.total_tasks ? n / m.total_tasks : 0;
    set(status, n.toLocaleString('en-US'), `${Math.round(share * 100)} % of ${plural(m.total_tasks ?? 0, 'task')}`);
    figures[status].bar.style.inlineSize = `${share * 100}%`;
  }
  set('revenue', wholeDollars.format(m.revenue_at_risk ?? 0), `of ${wholeDollars.format(m.active_revenue ?? 0)} active`);
  figures.revenue.value.title = dollars.format(m.revenue_at_risk ?? 0);
  set('met', m.sla_met_percentage === null || m.sla_met_percentage === undefined ? '—' : `${m.sla_met_percentage} %`, 'of completed tasks');
  set('violations', String(m.sla_violations ?? 0), 'open and past deadline');
  set('due', String(m.sla_warning_24h ?? 0), `${m.sla_critical_4h ?? 0} within 4 h`);
  $('figures').removeAttribute('data-stale');
}

async function loadFigures() {
  try { paintFigures((await call(`${API}/metrics`)).body); }
  catch { $('figures').setAttribute('data-stale', ''); }
}

// ------------------------------------------------------------------ the list

let listRequest = null;

/** Loads as many rows as are shown already (at least one page); `background` keeps what is shown if it fails. */
async function loadList({ background = false } = {}) {
  if (background && $('more').disabled) return; // the next page is on its way
  listRequest?.abort();
  const request = listRequest = new AbortController();
  if (!background) showLoading();
  const wanted = background ? Math.max(PAGE, state.tasks.length) : PAGE;
  try {
    let tasks = [], next = null, total = null;
    do {
      const { body } = await fetchPage(next, Math.min(200, Math.max(PAGE, wanted - tasks.length)), request.signal);
      tasks = tasks.concat(body.tasks);
      next = body.pagination.next_cursor;
      total ??= body.pagination.total;
    } while (next && tasks.length < wanted);
    Object.assign(state, { tasks, next, total, loaded: true });
    paintList();
  } catch (error) {
    if (error.name === 'AbortError') return;
    if (background && state.loaded) $('count').textContent = 'Could not refresh, showing the last known state';
    else showNotice('The tasks could not be loaded', problemText(error), 'Try again', () => loadList());
  }
}

function fetchPage(cursor, limit, signal) {
  const params = query();
  params.set('limit', limit);
  if (cursor) params.set('cursor', cursor);
  return call(`${API}/list?${params}`, { signal });
}

async function loadMore() {
  const button = $('more'), before = state.tasks.length;
  listRequest?.abort();
  const request = listRequest = new AbortController();
  button.disabled = true;
  try {
    const { body } = await fetchPage(state.next, PAGE, request.signal);
    const known = new Set(state.tasks.map(t => t.task_id));
    state.tasks = state.tasks.concat(body.tasks.filter(t => !known.has(t.task_id)));
    state.next = body.pagination.next_cursor;
    paintList();
    state.rows.get(state.tasks[before]?.task_id)?.tr.querySelector('button').focus();
  } catch (error) {
    if (error.name !== 'AbortError') toast('Could not load more', problemText(error));
  } finally { button.disabled = false; }
}

function showLoading() {
  if (state.loaded) { $('table').setAttribute('aria-busy', 'true'); return; }
  const cell = i => h('td', { role: 'cell' }, h('span', { class: `bone b${i % 4}` }));
  $('rows').replaceChildren(...Array.from({ length: 9 }, (_, r) => h('tr', { role: 'row', class: 'loading', 'aria-hidden': 'true' }, COLUMNS.map((_, c) => cell(r + c)))));
  $('count').textContent = 'Loading';
}

function showNotice(title, text, action, act) {
  state.rows.clear();
  $('rows').replaceChildren();
  $('table').hidden = $('more').hidden = true;
  $('table').removeAttribute('aria-busy');
  $('count').textContent = '';
  $('notice').hidden = false;
  $('notice').replaceChildren(...[h('h3', {}, title), h('p', {}, text), action && h('button', { type: 'button', class: 'button', onclick: act }, action)].filter(Boolean));
}

function showEmpty() {
  if (filtered()) return showNotice('No task matches', 'Nothing fits these filters at the moment.', 'Clear filters', clearFilters);
  showNotice('No tasks yet', ['Run ', h('code', {}, 'workflow import PATH'), ' or start with ', h('code', {}, '--demo'), '.']);
}

function paintList() {
  $('table').removeAttribute('aria-busy');
  for (const task of state.tasks) state.titles.set(task.task_id, task.title);
  if (!state.tasks.length) return showEmpty();
  $('table').hidden = false;
  $('notice').hidden = true;
  $('more').hidden = !state.next;
  const shown = state.tasks.length, total = state.total ?? shown;
  $('count').textContent = shown < total ? `${shown} of ${total.toLocaleString('en-US')}` : plural(total, 'task');
  arrange($('rows'), state.tasks.map(rowFor));
  for (const [id, { tr }] of state.rows) if (!tr.isConnected) state.rows.delete(id);
  markOpenRow();
}

/** Puts the rows in order and moves only what is out of place, so that focus stays where it is. */
function arrange(body, rows) {
  const wanted = new Set(rows);
  for (const child of [...body.children]) if (!wanted.has(child)) child.remove();
  rows.forEach((row, i) => { if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null); });
}

function rowFor(task) {
  const seen = JSON.stringify(task), known = state.rows.get(task.task_id);
  if (known?.seen === seen) return known.tr;
  const tr = known?.tr ?? h('tr', { role: 'row' });
  const focused = tr.contains(document.activeElement);
  tr.replaceChildren(...cells(task));
  tr.onclick = () => { if (!String(getSelection())) openPanel(task.task_id); };
  if (focused) tr.querySelector('button').focus();
  tr.classList.remove('changed');
  if (known) requestAnimationFrame(() => tr.classList.add('changed'));
  state.rows.set(task.task_id, { tr, seen });
  return tr;
}

function cells(task) {
  const cell = (name, ...content) => h('td', { role: 'cell', class: `c-${name}` }, ...content);
  const owner = task.current_owner;
  return [
    cell('status', statusPill(task.task_status)),
    cell('task', h('button', { type: 'button', class: 'open', title: task.title, onclick: e => { e.stopPropagation(); openPanel(task.task_id, e.currentTarget); } }, task.title),
      h('span', { class: 'under' }, task.workflow_category)),
    cell('owner', owner ? [h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(owner)), h('span', { class: 'name' }, owner)] : h('span', { class: 'quiet' }, 'Unassigned')),
    cell('priority', priorityBars(task.priority), h('span', {}, sentence(task.priority))),
    cell('value', money(task.dollar_value)),
    cell('deadline', countdown(task)),
  ];
}

function moveInRows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.classList.contains('open')) return;
  const buttons = [...$('rows').querySelectorAll('.open')];
  buttons[buttons.indexOf(event.target) + step]?.focus();
  event.preventDefault();
}

// ------------------------------------------------------------------ the side panel

async function openPanel(id, opener) {
  state.panel = { id, opener: opener ?? state.rows.get(id)?.tr.querySelector('button') ?? null };
  writeUrl();
  markOpenRow();
  $('panel').hidden = false;
  coverMain();
  $('panel').replaceChildren(panelHead(id, state.titles.get(id) ?? 'Task'), h('p', { class: 'quiet pad' }, 'Loading'));
  $('panel').querySelector('button').focus();
  await loadPanel(id);
}

async function loadPanel(id) {
  try {
    const { body } = await call(`${API}/get/${encodeURIComponent(id)}`);
    if (state.panel?.id !== id) return;
    state.panel.task = body.task;
    paintPanel(body.task, body.history ?? []);
  } catch (error) {
    if (state.panel?.id !== id) return;
    $('panel').replaceChildren(panelHead(id, 'Task'), h('div', { class: 'pad' }, h('p', {}, error.status === 410 ? 'This task was deleted.' : problemText(error)),
      h('button', { type: 'button', class: 'button', onclick: () => loadPanel(id) }, 'Try again')));
    $('panel').querySelector('button').focus();
  }
}

function closePanel() {
  if (!state.panel) return;
  const { id, opener } = state.panel;
  state.panel = null;
  $('panel').hidden = true;
  coverMain();
  markOpenRow();
  writeUrl();
  const back = opener?.isConnected ? opener : state.rows.get(id)?.tr.querySelector('button');
  (back ?? $('tasks')).focus();
}

/** On a narrow screen the panel covers the page, so what is under it leaves the tab order. */
function coverMain() { $('main').inert = Boolean(state.panel) && matchMedia('(max-width: 760px)').matches; }

function markOpenRow() {
  for (const [id, { tr }] of state.rows) tr.classList.toggle('current', id === state.panel?.id);
}

function panelHead(id, title) {
  return h('div', { class: 'panel-head' }, h('p', { class: 'quiet mono' }, id),
    h('button', { type: 'button', class: 'round', 'aria-label': 'Close task', onclick: closePanel }, icon('close')), h('h2', { id: 'panel-title' }, title));
}

function paintPanel(task, history) {
  const panel = $('panel'), old = panel.querySelector('.panel-body');
  const typed = panel.querySelector('#reason')?.value ?? '', said = panel.querySelector('#result')?.textContent ?? '';
  const focus = panel.contains(document.activeElement) ? document.activeElement.id || document.activeElement.dataset.set || 'close' : null;
  const top = old?.scrollTop ?? 0;
  panel.replaceChildren(panelHead(task.task_id, task.title), h('div', { class: 'panel-body' },
    summary(task), statusForm(task, typed, said), entityList(task.entities ?? {}),
    task.description ? h('section', {}, h('h3', {}, 'Description'), h('div', { class: 'description', tabindex: 0, role: 'group', 'aria-label': 'Description' }, task.description)) : null,
    explanation(task), historyList(history)));
  panel.querySelector('.panel-body').scrollTop = top;
  if (focus) (document.getElementById(focus) ?? panel.querySelector(`[data-set="${CSS.escape(focus)}"]`) ?? panel.querySelector('.round')).focus();
}

function summary(task) {
  const row = (name, ...value) => [h('dt', {}, name), h('dd', {}, ...value)];
  return h('section', {}, h('div', { class: 'panel-line' }, statusPill(task.task_status), countdown(task), h('strong', {}, money(task.dollar_value))),
    h('dl', { class: 'facts' },
      row('Priority', priorityBars(task.priority), sentence(task.priority)), row('Category', task.workflow_category),
      row('State', sentence(task.workflow_state)), row('Owner', task.current_owner ?? 'Unassigned', task.owner_email ? h('span', { class: 'quiet' }, ` ${task.owner_email}`) : null),
      row('Deadline', when(task.sla_deadline)), row('Received', when(task.received_at ?? task.created_at)), task.mailbox_source ? row('Mailbox', task.mailbox_source) : []));
}

function statusForm(task, typed, said) {
  const raised = task.manual_status && task.manual_status !== task.task_status && task.task_status !== 'COMPLETED';
  return h('section', {}, h('h3', { id: 'set-title' }, 'Set status'),
    h('div', { class: 'set', role: 'group', 'aria-labelledby': 'set-title' }, STATUSES.map(s => h('button', { type: 'button', class: 'chip', 'data-set': s,
      'aria-pressed': String(task.task_status === s), onclick: () => setStatus(task, s) }, icon(s), sentence(s)))),
    h('label', { class: 'reason' }, h('span', {}, 'Reason, optional'), Object.assign(h('input', { id: 'reason', type: 'text', maxlength: 500, autocomplete: 'off' }), { value: typed })),
    h('p', { id: 'result', class: 'result', role: 'status', 'aria-live': 'polite' }, said),
    raised ? h('p', { class: 'quiet' }, `Set to ${sentence(task.manual_status)}; the SLA makes it ${sentence(task.task_status)}.`) : null);
}

async function setStatus(task, status) {
  const reason = $('reason').value.trim(), say = (text, bad) => { const p = $('result'); if (p) { p.textContent = text; p.classList.toggle('bad', Boolean(bad)); } };
  say('Saving');
  try {
    const { body, status: code } = await call(`${API}/update/${encodeURIComponent(task.task_id)}`, { method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'If-Match': `"${task.version}"` }, body: JSON.stringify(reason ? { task_status: status, reason } : { task_status: status }) });
    if ($('reason')) $('reason').value = '';
    const now = body?.task?.task_status ?? status;
    say(code === 202 ? `Accepted, job ${body.job_id} applies it shortly.` : now === status ? `Status is ${sentence(status)}.` : `Saved as ${sentence(status)}; the SLA keeps it ${sentence(now)}.`);
  } catch (error) {
    say(error.status === 412 ? 'Somebody else changed this task. It is up to date now; please choose again.' : problemText(error), true);
  }
  if (state.panel?.id === task.task_id) await loadPanel(task.task_id);
  refreshSoon();
}

function entityList(entities) {
  const lists = ENTITIES.filter(([key]) => entities[key]?.length);
  if (!lists.length) return null;
  const find = text => { closePanel(); setFilters({ status: new Set(), sla: '', category: '', q: text }); };
  return h('section', {}, h('h3', {}, 'Found in the mail'), h('dl', { class: 'facts' }, lists.map(([key, label]) => [h('dt', {}, label),
    h('dd', { class: 'entities' }, entities[key].map(text => h('button', { type: 'button', class: 'entity', title: `Find tasks with ${text}`, onclick: () => find(text) }, text)))])));
}

/** `analysis` says for each field what rule or model decided, on which words, and how surely. */
function explanation(task) {
  const entries = Object.entries(task.analysis ?? {}).filter(([, why]) => why !== null && why !== '');
  if (!entries.length) return null;
  return h('section', {}, h('h3', {}, 'Why'), h('ul', { class: 'why' }, entries.map(([field, why]) => h('li', {}, h('strong', {}, sentence(field)), ...reasons(why)))));
}

function reasons(why) {
  if (Array.isArray(why)) return why.flatMap(reasons);
  if (typeof why !== 'object') return [h('span', {}, ` ${why}`)];
  const words = typeof why.span === 'object' ? why.span?.text : why.span, sure = Number(why.confidence);
  return [h('code', {}, String(why.rule ?? why.model ?? why.reason ?? 'rule')), words ? h('q', {}, String(words)) : null,
    Number.isFinite(sure) ? h('span', { class: 'quiet' }, `${Math.round(sure <= 1 ? sure * 100 : sure)} %`) : null].filter(Boolean);
}

function historyList(history) {
  const item = e => h('li', {}, h('p', {}, historySentence(e)), e.change_reason ? h('p', { class: 'because' }, e.change_reason) : null,
    h('p', { class: 'quiet' }, `${e.changed_by ?? e.author ?? ''} · ${when(e.changed_at ?? e.created_at)}`));
  return h('section', {}, h('h3', {}, 'History'), history.length ? h('ol', { class: 'history' }, [...history].reverse().map(item)) : h('p', { class: 'quiet' }, 'No history.'));
}

function historySentence(e) {
  if (e.text) return e.text;
  const show = value => (value === null || value === undefined || value === '' ? 'none' : /^[A-Z_]+$/.test(value) ? sentence(value) : /^\d{4}-\d\d-\d\dT/.test(value) ? when(value) : String(value));
  if (/^creat/.test(e.field)) return 'Created';
  if (/^delet/.test(e.field)) return 'Deleted';
  return `${sentence(e.field)}: ${show(e.old_value)} → ${show(e.new_value)}`;
}

// ------------------------------------------------------------------ live events

const title = data => data.title ?? state.titles.get(data.taskId) ?? data.taskId ?? 'a task';
const hours = n => `${Math.abs(Number(n) || 0).toFixed(1)} h`;

const EVENT_WORDS = {
  'workflow:task:created': d => [d.status, `New: ${title(d)}`],
  'workflow:task:completed': d => ['COMPLETED', `Completed: ${title(d)}`],
  'workflow:task:deleted': d => ['', `Deleted: ${title(d)}`],
  'workflow:task:updated': updatedWords,
  'workflow:status:changed': d => [d.newStatus, `${title(d)}: ${sentence(d.oldStatus)} → ${sentence(d.newStatus)}, by ${d.changedBy}`],
  'workflow:sla:warning': d => [d.severity === 'CRITICAL' ? 'RED' : 'YELLOW', `SLA ${d.severity === 'CRITICAL' ? 'critical' : 'warning'}: ${title(d)}, ${hours(d.hoursRemaining)} left`],
  'workflow:sla:violated': d => ['RED', `SLA violated: ${title(d)} ${hours(d.hoursOverdue)} overdue`],
  'workflow:critical:alert': d => ['RED', `Alert: ${d.message ?? title(d)}${Number(d.value) > 0 ? ` (${money(d.value)})` : ''}`],
  'workflow:batch:completed': d => ['COMPLETED', `Batch done: ${plural(d.emailCount ?? 0, 'mail')}, ${d.tasksCreated ?? 0} new, ${d.tasksUpdated ?? 0} updated`],
  'workflow:batch:failed': d => ['RED', `Batch failed after ${plural(d.emailCount ?? 0, 'mail')}`],
};

function updatedWords(d) {
  const names = Object.keys(d.updates ?? {}).map(k => k.replace(/[A-Z]/g, c => `_${c.toLowerCase()}`)).filter(k => k !== 'task_status' && k !== 'status'); // status:changed tells that
  return names.length ? ['', `${title(d)}: ${names.map(sentence).join(', ').toLowerCase()} changed by ${d.changedBy}`] : null;
}

function showEvent(envelope, isNew) {
  const { event, data = {}, id, timestamp } = envelope;
  if (data.title) state.titles.set(data.taskId, data.title);
  const words = EVENT_WORDS[event]?.(data);
  if (!words) return;
  const [tone, text] = words;
  const known = data.taskId && event !== 'workflow:task:deleted';
  const item = h('li', { 'data-status': tone || null, class: isNew ? 'new' : null }, h('span', { class: 'dot' }, ICONS[tone] ? icon(tone) : null),
    known ? h('button', { type: 'button', onclick: e => openPanel(data.taskId, e.currentTarget) }, text) : h('span', {}, text),
    h('time', { datetime: timestamp, title: when(timestamp) }, clockTime.format(new Date(timestamp))));
  item.order = Number(id);
  const list = $('events'), before = [...list.children].find(li => li.order <= item.order);
  list.insertBefore(item, before ?? null);
  while (list.children.length > EVENTS_SHOWN) list.lastElementChild.remove();
  $('no-events').hidden = true;
  const fresh = isNew && serverNow() - Date.parse(timestamp) < 120_000; // a long replay is not news
  if (fresh && event === 'workflow:sla:violated') toast('SLA violated', `${title(data)}, ${hours(data.hoursOverdue)} overdue`, data.taskId);
  if (fresh && event === 'workflow:critical:alert') toast('Critical alert', text.replace(/^Alert: /, ''), data.taskId);
}

function toast(heading, text, taskId) {
  let timer;
  const close = () => { clearTimeout(timer); node.remove(); };
  const wait = () => { timer = setTimeout(close, 9000); };
  for (const old of $('toasts').children) if (taskId && old.dataset.task === taskId) old.remove();
  const node = h('div', { class: 'toast', 'data-task': taskId, onmouseenter: () => clearTimeout(timer), onmouseleave: wait, onfocusin: () => clearTimeout(timer), onfocusout: wait },
    icon('RED'), h('div', {}, h('strong', {}, heading), h('p', {}, text)),
    taskId ? h('button', { type: 'button', class: 'button', onclick: () => { close(); openPanel(taskId); } }, 'Open') : null,
    h('button', { type: 'button', class: 'round', 'aria-label': 'Dismiss', onclick: close }, icon('close')));
  $('toasts').append(node);
  while ($('toasts').children.length > 3) $('toasts').firstElementChild.remove();
  wait();
}

/** Fills the list with what happened shortly before the page was opened. */
async function recallEvents(cursor) {
  if (!/^\d+$/.test(cursor ?? '') || $('events').children.length) return;
  const after = Math.max(0, Number(cursor) - EVENTS_SHOWN);
  const { body } = await call(`${API}/events?after=${after}&limit=${EVENTS_SHOWN}`).catch(() => ({ body: null }));
  for (const envelope of body?.events ?? []) if (isUnseen(envelope.id)) showEvent(envelope, false);
}

function isUnseen(id) {
  if (!id) return true;
  if (state.seen.has(id)) return false;
  state.seen.add(id);
  if (state.seen.size > 2000) state.seen.delete(state.seen.values().next().value);
  return true;
}

// ------------------------------------------------------------------ the socket

let socket = null, attempts = 0, retryTimer = null;

function connection(name, text) {
  $('connection').dataset.state = name;
  $('connection').lastElementChild.textContent = text;
}

function connect() {
  clearTimeout(retryTimer);
  const since = state.cursor ? `?since=${encodeURIComponent(state.cursor)}` : '';
  const current = socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws${since}`);
  current.onmessage = message => { if (current === socket) receive(message.data); };
  current.onclose = () => { if (current === socket) reconnect(); };
}

function reconnect() {
  const delay = Math.min(30_000, 1000 * 2 ** attempts++) * (0.5 + Math.random() / 2);
  connection('offline', navigator.onLine ? 'Offline, reconnecting' : 'Offline');
  state.clock.exact = false;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, delay);
}

function receive(text) {
  let envelope;
  try { envelope = JSON.parse(text); } catch { return; }
  const { event, data = {}, id } = envelope;
  if (event === 'workflow:hello') return greet(envelope);
  if (event === 'workflow:resync') { state.cursor = data.cursor ?? null; refreshSoon(); return; }
  if (id) state.cursor = id;
  if (!isUnseen(id)) return;
  showEvent(envelope, true);
  refreshSoon(data.taskId);
}

function greet({ data, timestamp }) {
  const again = attempts > 0;
  attempts = 0;
  connection('live', 'Live');
  const time = Date.parse(timestamp ?? '');
  if (!Number.isNaN(time)) state.clock = { offset: time - Date.now(), exact: true };
  state.cursor ??= data?.cursor ?? null;
  recallEvents(data?.cursor);
  if (again) refreshSoon();
}

// ------------------------------------------------------------------ refresh, at most once a second

let refreshTimer = null, lastRefresh = 0, dirty = false, panelDirty = false;

/** With a task's id the open panel is loaded again only if it shows that task. */
function refreshSoon(taskId) {
  dirty = true;
  if (!taskId || taskId === state.panel?.id) panelDirty = true;
  schedule();
}

function schedule() {
  if (!dirty || refreshTimer || document.hidden) return;
  refreshTimer = setTimeout(refresh, Math.max(50, lastRefresh + 1000 - Date.now()));
}

async function refresh() {
  const panel = panelDirty && state.panel;
  dirty = panelDirty = false;
  lastRefresh = Date.now();
  await Promise.allSettled([loadFigures(), loadList({ background: true }), panel ? loadPanel(panel.id) : null]);
  refreshTimer = null;
  schedule();
}

// ------------------------------------------------------------------ start

function onKey(event) {
  const typing = event.target.closest?.('input, select, textarea');
  if (event.key === 'Escape' && state.panel) { event.preventDefault(); closePanel(); }
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); $('q').focus(); }
}

function start() {
  buildFigures();
  buildFilters();
  paintFilters();
  $('more').addEventListener('click', loadMore);
  $('rows').addEventListener('keydown', moveInRows);
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', schedule);
  addEventListener('online', () => { attempts = 0; connect(); });
  addEventListener('offline', () => socket?.close());
  addEventListener('resize', coverMain);
  setInterval(() => document.querySelectorAll('.sla').forEach(paintCountdown), 1000);
  setInterval(() => { if (socket?.readyState !== WebSocket.OPEN) refreshSoon(); }, 15_000);
  loadFigures();
  loadList();
  if (state.filters.task) openPanel(state.filters.task);
  connect();
}

start();
