/** Drawn on a grid of 24 with a line of 1.75, in the colour of the text around them. */
const PATHS = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  board: 'M4 5h4v14H4zM10 5h4v9h-4zM16 5h4v6h-4z',
  tasks: 'M9 6h11M9 12h11M9 18h11M4 6l.8.8L6.3 5M4 12l.8.8 1.5-1.8M4 18l.8.8 1.5-1.8',
  mail: 'M3.5 6h17v12h-17zM4 7l8 6 8-6',
  patterns: 'M6 18a2 2 0 1 0 0-.01M18 6a2 2 0 1 0 0-.01M18 18a2 2 0 1 0 0-.01M7.5 16.5 16.5 7.5M8 18h8M18 8v8',
  ops: 'M3 12h4l3-8 4 16 3-8h4',
  settings: 'M4 7h9M19 7h1M4 17h1M11 17h9M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4M8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l4.5 4.5',
  bell: 'M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 20.5h4',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M5.3 18.7 7 17M17 7l1.7-1.7',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5',
  display: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  sidebar: 'M4 5h16v14H4zM9.5 5v14',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  left: 'M19 12H5M11 6l-6 6 6 6',
  right: 'M5 12h14M13 6l6 6-6 6',
  chevronDown: 'M6 9.5l6 6 6-6',
  chevronRight: 'M9.5 6l6 6-6 6',
  chevronLeft: 'M14.5 6l-6 6 6 6',
  sort: 'M8 10l4-4 4 4M8 14l4 4 4-4',
  filter: 'M4 6h16M7 12h10M10.5 18h3',
  edit: 'M4 20l1-4L16.5 4.5l3 3L8 19zM14.5 6.5l3 3',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  download: 'M12 4v11M7 10.5l5 5 5-5M4 20h16',
  upload: 'M12 16V5M7 9.5l5-5 5 5M4 20h16',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1-1',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  refresh: 'M20 11a8 8 0 1 0-1.5 6M20 5v6h-6',
  undo: 'M4 10h10a5.5 5.5 0 0 1 0 11H9M8.5 5.5 4 10l4.5 4.5',
  play: 'M7 5l12 7-12 7z',
  pause: 'M8 5v14M16 5v14',
  stop: 'M6 6h12v12H6z',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M12 7.5V12l3 2',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5c.8-3.5 3.6-5.5 7.5-5.500s6.7 2 7.5 5.5',
  people: 'M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 19.500c.7-3 3-5 6.5-5s5.8 2 6.5 5M15.5 4.800a3.5 3.5 0 0 1 0 6.400M18 14.800c1.9.8 3.1 2.5 3.5 4.7',
  tag: 'M4 4h8l8.5 8.5-8 8L4 12zM8.5 8.500h.01',
  info: 'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M12 11v5.500M12 7.800h.01',
  alert: 'M12 4 2.5 20h19zM12 10v4.500M12 17.300h.01',
  error: 'M8.5 3.500h7l5 5v7l-5 5h-7l-5-5v-7zM12 8v5M12 16.200h.01',
  offline: 'M3 3l18 18M5 12.500a10 10 0 0 1 4-2.500M2 9a15 15 0 0 1 5-3M13 6a15 15 0 0 1 9 3M15.5 10.300c1.3.5 2.5 1.2 3.5 2.200M8.5 16a5 5 0 0 1 6 0M12 19.500h.01',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 2.500h4l1-2.500h5',
  database: 'M4 6.500c0-4 16-4 16 0v11c0 4-16 4-16 0zM4 6.500c0 4 16 4 16 0M4 12c0 4 16 4 16 0',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01',
  queue: 'M4 6h16M4 12h16M4 18h9',
  jobs: 'M4 8h16v11H4zM9 8V5h6v3M4 13h16',
  schedule: 'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M12 7v5H8.5',
  webhook: 'M9 10.500a4 4 0 1 1 5.5 0L17.5 16M7 14.500A3.5 3.5 0 1 0 10.5 18H17M17.5 20.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5',
  audit: 'M6 3.500h9l4 4v13H6zM9.5 12h6M9.5 16h6M9.5 8h2.5',
  comment: 'M4 5h16v11h-8l-4 4v-4H4z',
  attach: 'M19.5 11l-8 8a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.8 4.800l-8 8a1.7 1.7 0 0 1-2.4-2.400l7-7',
  eye: 'M2.5 12C6 5.5 18 5.5 21.5 12 18 18.5 6 18.5 2.5 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6',
  split: 'M12 20v-7L6 6M6 11V6h5M12 13l6-7M18 11V6h-5',
  merge: 'M12 4v8l-6 7M12 12l6 7M8 8l4-4 4 4',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  chart: 'M4 4v16h16M8 15l4-5 3 3 5-6',
  star: 'M12 3.500l2.6 5.5 6 .800-4.4 4.2 1.1 6-5.3-3-5.3 3 1.1-6-4.4-4.2 6-.800z',
  lock: 'M5.5 11h13v9.5h-13zM8.5 11V7.500a3.5 3.5 0 0 1 7 0V11M12 15v2',
  key: 'M8 19.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M11.2 11.800 19.500 3.500M16 7l3 3',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7.5 14h9',
  folder: 'M3.5 6h6l2 2.500h9V19h-17z',
  robot: 'M5 9h14v10H5zM12 9V5M9.5 13.500h.01M14.5 13.500h.01M10 16.500h4',
  logo: 'M4 6l4 12 4-12 4 12 4-12',
} as const;

export type IconName = keyof typeof PATHS;

/** Decorative: whatever uses it says the same in words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.75 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
