import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { http, unwrap } from '../data/http';
import { Icon, KeyHint, StatusIcon } from '../ui';
import { changeAppearance, useAppearance } from './appearance';
import styles from './CommandPalette.module.css';
import { FOOT, MAIN, OPS, SETTINGS } from './routes';

interface Command {
  key: string;
  label: string;
  hint?: ReactNode;
  icon: ReactNode;
  group: string;
  run: () => void;
}

/** Tasks proposed at most. */
const FOUND = 8;

/** Finds tasks by text and goes anywhere, by keyboard. */
export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [, navigate] = useLocation();
  const { shownTheme, density } = useAppearance();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const wanted = useDeferredValue(text.trim());

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const tasks = useQuery({
    queryKey: ['tasks', 'search', wanted],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/list', { params: { query: { q: wanted, limit: FOUND } }, signal })),
    enabled: wanted.length >= 2,
    placeholderData: keepPreviousData,
    meta: { live: 'patch' },
  });

  const go = (to: string) => () => navigate(to);
  const pages: Command[] = [
    ...MAIN.map((entry) => ({ ...entry, group: 'Go to' })),
    ...FOOT.map((entry) => ({ ...entry, group: 'Go to' })),
    ...OPS.slice(1).map((entry) => ({ ...entry, group: 'Operations' })),
    ...SETTINGS.map((entry) => ({ ...entry, group: 'Settings' })),
  ].map(({ to, label, icon, keys, group }) => ({
    key: to,
    label,
    group,
    icon: <Icon name={icon} />,
    hint: keys && <KeyHint keys={keys} />,
    run: go(to),
  }));
  const other: Command[] = [
    {
      key: 'theme',
      label: shownTheme === 'dark' ? 'Light theme' : 'Dark theme',
      icon: <Icon name={shownTheme === 'dark' ? 'sun' : 'moon'} />,
      group: 'Appearance',
      run: () => changeAppearance({ theme: shownTheme === 'dark' ? 'light' : 'dark' }),
    },
    {
      key: 'density',
      label: density === 'compact' ? 'Comfortable density' : 'Compact density',
      icon: <Icon name="tasks" />,
      group: 'Appearance',
      run: () => changeAppearance({ density: density === 'compact' ? 'comfortable' : 'compact' }),
    },
    { key: 'help', label: 'Keyboard shortcuts', icon: <Icon name="keyboard" />, hint: <KeyHint keys="?" />, group: 'Help', run: onHelp },
  ];
  const matching = [...pages, ...other].filter(({ label, group }) => `${group} ${label}`.toLowerCase().includes(wanted.toLowerCase()));
  const searching = wanted.length >= 2;
  const found: Command[] = (searching ? (tasks.data?.tasks ?? []) : []).map((task) => ({
    key: task.task_id,
    label: task.title,
    group: 'Tasks',
    icon: <StatusIcon status={task.task_status} />,
    hint: task.workflow_category,
    run: go(`/tasks/${encodeURIComponent(task.task_id)}`),
  }));
  const total = tasks.data?.pagination.total ?? 0;
  if (searching && total > FOUND) {
    found.push({
      key: 'all',
      label: `All ${total} tasks with “${wanted}”`,
      group: 'Tasks',
      icon: <Icon name="search" />,
      run: go(`/tasks?q=${encodeURIComponent(wanted)}`),
    });
  }
  const commands = [...matching, ...found];
  const at = Math.min(active, commands.length - 1);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && commands.length > 0) {
      event.preventDefault();
      const next = (at + step + commands.length) % commands.length;
      setActive(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(commands[at]);
    }
  };

  return (
    <dialog
      ref={dialog}
      aria-label="Search and commands"
      className={styles.palette}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.field}>
        <Icon name="search" size={18} />
        <input
          role="combobox"
          aria-label="Search tasks or go to a page"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder="Search tasks or go to…"
          className={styles.input}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <KeyHint keys="Esc" />
      </div>
      <div id={list} role="listbox" aria-label="Results" className={styles.list} tabIndex={-1}>
        {commands.map((command, index) => (
          <div key={command.key} role="presentation">
            {command.group !== commands[index - 1]?.group && (
              <p role="presentation" className={styles.group}>
                {command.group}
              </p>
            )}
            <div
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              className={styles.option}
              onPointerMove={() => setActive(index)}
              onClick={() => run(command)}
            >
              {command.icon}
              <span className={styles.label}>{command.label}</span>
              {command.hint && <span className={styles.hint}>{command.hint}</span>}
            </div>
          </div>
        ))}
      </div>
      <p role="status" className={commands.length === 0 || tasks.isError ? styles.none : 'visually-hidden'}>
        {tasks.isError
          ? `Tasks could not be searched: ${tasks.error.message}`
          : searching && tasks.isFetching
            ? 'Searching'
            : commands.length === 0
              ? 'Nothing found'
              : `${commands.length} results`}
      </p>
    </dialog>
  );
}
