import { useEffect, useId, useRef, useState } from 'react';
import { dateTime } from '../../data/format';
import styles from './Sla.module.css';
import { rowsOf, type PointKind, type Timeline } from './slaPoints';

const HEIGHT = 92;
const BAR = 44;
/** About as wide as a letter of the labels. */
const LETTER = 6.4;

/** What happened and what is to come on one line of time, drawn to the pixel so that text stays as large as it is. */
export function SlaChart({ timeline, now }: { timeline: Timeline; now: number }) {
  const { from, to, points, spans, pauses, end } = timeline;
  const box = useRef<HTMLDivElement>(null);
  const hatch = useId().replaceAll(/\W/g, '');
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, Math.round(entry.contentRect.width))));
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const x = (at: number) => ((at - from) / (to - from)) * width;
  const inside = (centre: number, wide: number) => Math.max(wide / 2, Math.min(width - wide / 2, centre));
  // Those that matter most are named first; what finds no room is in the list below.
  const order: PointKind[] = ['deadline', 'done', 'start', 'response', 'critical', 'warning', 'breach', 'step'];
  const named = points.filter(({ kind }) => kind !== 'step').sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const wide = named.map(({ label }) => label.length * LETTER);
  const centres = named.map(({ at }, place) => inside(x(at), wide[place]!));
  const rows = placeLabels(centres, wide);
  const shownNow = end === null;
  const summary = `${points.map(({ label, at }) => `${label} ${dateTime(at, now)}`).join(', ')}${shownNow ? `, now ${dateTime(now, now)}` : ''}`;
  return (
    <div ref={box} className={styles.chart}>
      <svg width="100%" height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`Timeline: ${summary}`}>
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className={styles.hatchGround} />
            <rect width="2.5" height="6" className={styles.hatchLine} />
          </pattern>
        </defs>
        <rect x={0} y={BAR} width={width} height={8} rx={4} className={styles.track} />
        {spans.map(({ level, from: start, to: stop }) => (
          <rect key={level} x={x(start)} y={BAR} width={Math.max(1, x(stop) - x(start))} height={8} className={styles[`${level}Span`]} />
        ))}
        {shownNow && now < to && <rect x={x(now)} y={BAR - 1} width={Math.max(0, width - x(now))} height={10} className={styles.future} />}
        {pauses.map(({ from: start, to: stop }) => (
          <rect key={start} x={x(start)} y={BAR - 3} width={Math.max(2, x(stop) - x(start))} height={14} rx={2} fill={`url(#${hatch})`} />
        ))}
        {points.map(({ kind, at }, place) => (
          <g key={`${kind}-${place}`} transform={`translate(${x(at)} ${BAR + 4})`}>
            <Mark kind={kind} />
          </g>
        ))}
        {named.map(({ kind, label, at }, place) => {
          const row = rows[place]!;
          if (row < 0) return null;
          return (
            <text key={`${kind}-${at}`} x={centres[place]} y={row === 0 ? BAR + 28 : BAR + 43} textAnchor="middle" className={styles.label} data-strong={kind === 'deadline' || undefined}>
              {label}
            </text>
          );
        })}
        {shownNow && (
          <g transform={`translate(${x(now)} 0)`}>
            <line y1={20} y2={BAR + 14} className={styles.nowLine} />
            <text x={inside(x(now), 30) - x(now)} y={14} textAnchor="middle" className={styles.nowLabel}>
              Now
            </text>
          </g>
        )}
      </svg>
    </div>
  );
}

/** Rows in order of importance: a label takes the first row in which it touches none that is there. */
function placeLabels(centres: readonly number[], wide: readonly number[]): number[] {
  const taken: number[][] = [[], []];
  return centres.map((_, at) => {
    for (const [row, there] of taken.entries()) {
      const sorted = [...there, at].sort((a, b) => centres[a]! - centres[b]!);
      const fits = rowsOf(sorted.map((one) => centres[one]!), sorted.map((one) => wide[one]!), 1).every((free) => free === 0);
      if (!fits) continue;
      there.push(at);
      return row;
    }
    return -1;
  });
}

/** Each kind has a shape of its own. */
function Mark({ kind }: { kind: PointKind }) {
  if (kind === 'start') return <circle r={5.5} className={styles.startMark} />;
  if (kind === 'response') return <circle r={5.5} className={styles.responseMark} />;
  if (kind === 'warning') return <path d="M0-7.500 7 5.500H-7z" className={styles.warningMark} />;
  if (kind === 'critical') return <path d="M0-7.500 7.500 0 0 7.500-7.500 0z" className={styles.criticalMark} />;
  if (kind === 'deadline') return <path d="M-2-16V10M-2-16H10L7-11.500 10-7H-2" className={styles.deadlineMark} />;
  if (kind === 'breach') return <path d="M-5-5 5 5M5-5-5 5" className={styles.breachMark} />;
  if (kind === 'done') return <path d="M-6 0-1.500 4.500 6-4.500" className={styles.doneMark} />;
  return <rect x={-1.500} y={-8} width={3} height={16} className={styles.stepMark} />;
}
