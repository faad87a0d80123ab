import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { date, numberCompact, time } from '../data/format';
import { useAppearance } from '../shell/appearance';
import type { ChartProps } from './Chart';
import styles from './Chart.module.css';
import type { Tone } from './Layout';

/** Seconds. */
const DAY = 86_400;

const VARIABLES: Record<Tone, string> = {
  neutral: '--text-muted',
  accent: '--accent',
  red: '--red',
  yellow: '--yellow',
  green: '--green',
  blue: '--blue',
};

/** A canvas knows no variables: the colour that one stands for now, `light-dark()` resolved. */
function resolve(element: HTMLElement, variable: string): string {
  const probe = element.appendChild(document.createElement('span'));
  probe.style.color = `var(${variable})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Where a value has none beside it. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (value, at) => (value != null && values[at - 1] == null && values[at + 1] == null ? at : -1)).filter((at) => at >= 0);
}

/** uPlot, loaded with the first chart. */
export default function Plot({ times, series, formatTime, height = 240, moment }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const theme = useAppearance().shownTheme;
  // A new chart for a new shape; new values of the same shape go into the one that is there.
  const shape = JSON.stringify([series.map(({ name, tone, kind, dashed }) => [name, tone, kind, dashed]), height, theme]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const grid = resolve(element, '--line');
    const text = resolve(element, '--text-muted');
    const font = `11px ${getComputedStyle(element).fontFamily}`;
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const format = series[0]?.format ?? numberCompact;
    const bars = UPlot.paths.bars?.({ size: [0.6, 48], radius: 0.15 });
    const chart = new UPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, ...(moment && { sync: { key: moment } }) },
        scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 64,
            // Days have no hours between them.
            ...((times[1] ?? 0) - (times[0] ?? 0) >= 0.9 * DAY && { incrs: [1, 2, 7, 14, 28].map((days) => days * DAY) }),
            values: (_, ticks, __, ___, step) => ticks.map((tick) => (step >= DAY ? date : time)(tick * 1000)),
          },
          { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => format(tick)) },
        ],
        series: [
          {},
          ...series.map((line): UPlot.Series => {
            const colour = resolve(element, VARIABLES[line.tone]);
            return {
              label: line.name,
              stroke: colour,
              width: line.kind === 'bars' ? 0 : 1.75,
              // A value between two gaps has no line.
              points: line.kind === 'bars' ? { show: false } : { show: true, size: 4, width: 0, fill: colour, filter: (self, at) => alone(self.data[at] ?? []) },
              ...(line.dashed && { dash: [5, 4] }),
              ...(line.kind === 'area' && { fill: colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)') }),
              ...(line.kind === 'bars' && bars && { fill: colour, paths: bars }),
            };
          }),
        ],
        hooks: { setCursor: [(self) => setAt(self.cursor.idx ?? null)] },
      },
      [[...times], ...series.map((line) => [...line.values])] as UPlot.AlignedData,
      element,
    );
    plot.current = chart;
    const resized = new ResizeObserver(() => {
      const width = element.clientWidth;
      // On paper the picture is stretched to its place; to draw it anew would widen the place, and so without end.
      if (width !== chart.width && !matchMedia('print').matches) chart.setSize({ width, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
    // The rest is in `shape`.
  }, [shape]);

  useEffect(() => {
    plot.current?.setData([[...times], ...series.map((line) => [...line.values])] as UPlot.AlignedData);
  }, [times, series]);

  const shown = at ?? times.length - 1;
  return (
    <div className={styles.plot}>
      <div className={styles.legend}>
        {times[shown] !== undefined && <span>{formatTime(times[shown])}</span>}
        {series.map((line) => {
          const value = line.values[shown];
          return (
            <span key={line.name} className={styles.entry}>
              <span className={styles.swatch} style={{ color: `var(${VARIABLES[line.tone]})` }} />
              {line.name}
              {value != null && <span className={styles.value}>{line.format?.(value) ?? numberCompact(value)}</span>}
            </span>
          );
        })}
      </div>
      <div ref={box} />
    </div>
  );
}
