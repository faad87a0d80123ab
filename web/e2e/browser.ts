import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page, type Request } from 'playwright-core';
import { expect } from 'vitest';

export interface View {
  theme?: 'light' | 'dark';
  /** Pixels; 390 is a phone. */
  width?: number;
  forcedColors?: boolean;
  reducedMotion?: boolean;
  /** Requests that a story expects to fail, so that the browser's complaint about them is none. */
  expectFailures?: RegExp;
}

export interface Opened {
  page: Page;
  /** Goes to another page as by its address, with what the browser keeps; complaints before that are forgotten. */
  visit: (url: string) => Promise<void>;
  /** Fails if the page complained, asked elsewhere or ran against its policy. */
  expectQuiet: () => void;
  /** Fails if axe finds anything against WCAG 2.2 AA. */
  expectAccessible: () => Promise<void>;
  close: () => Promise<void>;
}

/** Milliseconds that a page has for one thing, on a machine that is busy. */
const TIMEOUT = 15_000;

/** Milliseconds without a request after which nothing more is to come. */
const QUIET = 150;

/** Production's stories are about processes: what a page is to everybody was judged on the embedded form. */
const JUDGED = process.env.WORKFLOW_E2E_DATABASE_URL === undefined;

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Requests of a page that are under way, and when the last one ended. */
interface Traffic {
  open: Set<Request>;
  ended: number;
}
const traffic = new WeakMap<Page, Traffic>();

function watch(page: Page): void {
  const seen: Traffic = { open: new Set(), ended: Date.now() };
  traffic.set(page, seen);
  const end = (request: Request) => {
    seen.open.delete(request);
    seen.ended = Date.now();
  };
  page.on('request', (request) => seen.open.add(request));
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  // What a page was about to get when it was left is told by nobody.
  page.on('framenavigated', (frame) => frame === page.mainFrame() && seen.open.clear());
}

/** Chromium of the system; CHROMIUM names another. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** Opens a page of its own context and waits until what it fetches is there. */
export async function open(browser: Browser, url: string, view: View = {}): Promise<Opened> {
  const { theme = 'light', width = 1440, forcedColors = false, reducedMotion = true, expectFailures } = view;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: theme,
    forcedColors: forcedColors ? 'active' : 'none',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    timezoneId: 'Europe/Paris',
  });
  context.setDefaultTimeout(TIMEOUT);
  const page = await context.newPage();
  watch(page);
  const { host } = new URL(url);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (expectFailures?.test(message.location().url) || expectFailures?.test(message.text())) return;
    // Left or given up before it was there, as on a busy machine; it is tried again.
    if (message.text().endsWith('WebSocket is closed before the connection is established.')) return;
    complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.host !== host && !/^(data|blob):$/.test(asked.protocol)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  const visit = async (to: string) => {
    complaints.length = 0;
    await page.goto(to);
    await settled(page);
  };
  await visit(url);
  return {
    page,
    visit,
    expectQuiet: () => expect(complaints, page.url()).toEqual([]),
    expectAccessible: () => expectAccessible(page),
    close: () => context.close(),
  };
}

/** Waits for the heading of the page and the end of its skeletons. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !/Loading/.test(document.querySelector('main')?.textContent ?? ''), undefined, { polling: 100, timeout: 30_000 });
  const seen = traffic.get(page);
  if (!seen) return void (await page.waitForLoadState('networkidle'));
  const end = Date.now() + TIMEOUT;
  while ((seen.open.size > 0 || Date.now() - seen.ended < QUIET) && Date.now() < end) await page.waitForTimeout(25);
}

/** Waits until changes elsewhere are seen. */
export async function connected(page: Page): Promise<void> {
  await page.locator('[role=status][data-state=live]').waitFor();
}

export async function expectAccessible(page: Page): Promise<void> {
  if (!JUDGED) return;
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).withTags(RULES);
  // Without frames there is nothing to put together, for which it opens a page every time.
  if (page.frames().length === 1) axe.setLegacyMode();
  const { violations } = await axe.analyze();
  const said = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join('\n  ')}`);
  expect(said, page.url()).toEqual([]);
}

/** Fails if the page is wider than the screen. */
export async function expectFits(page: Page): Promise<void> {
  const [width, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  expect(width, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(screen);
}
