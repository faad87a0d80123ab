import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Kilobytes, gzip, that a first visit may load before any page of its own. */
const INITIAL_JAVASCRIPT = 150;

const dist = new URL('../../dist/', import.meta.url);
const size = (path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length / 1000;
const html = readFileSync(new URL('index.html', dist), 'utf8');
const initial = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(([, path]) => path);
const later = readdirSync(new URL('assets/', dist))
  .map((name) => `assets/${name}`)
  .filter((path) => /\.(js|css)$/.test(path) && !initial.includes(path));

const line = (path) => `  ${size(path).toFixed(1).padStart(7)} kB  ${path}`;
const total = (paths) => paths.reduce((sum, path) => sum + size(path), 0);
const javascript = total(initial.filter((path) => path.endsWith('.js')));

console.log('at once (gzip)');
console.log(initial.map(line).join('\n'));
console.log('with its page (gzip)');
console.log(later.map(line).join('\n'));
console.log(`initial JavaScript ${javascript.toFixed(1)} kB of ${INITIAL_JAVASCRIPT} kB, all ${total([...initial, ...later]).toFixed(1)} kB`);
if (javascript > INITIAL_JAVASCRIPT) {
  console.error('over budget: load it with the page that needs it');
  process.exit(1);
}
