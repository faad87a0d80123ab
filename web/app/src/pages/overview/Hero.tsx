import { Link } from 'wouter';
import { date, money, moneyCompact, number, percent, time } from '../../data/format';
import { Avatar, Countdown, Icon, Money } from '../../ui';
import { Changing } from './Changing';
import { Delta } from './Delta';
import { listAddress, ownerKey, SPANS, type Owner, type Period } from './figures';
import styles from './Hero.module.css';
import type { Figures, Past } from './queries';
import { RiskLine } from './RiskLine';

interface HeroProps {
  figures: Figures;
  past: Past;
  period: Period;
  /** The next deadline; absent for an instant of the past. */
  next: { title: string; address: string; deadline: string; state: string } | undefined;
}

/** Owners that are named; the rest is in the list of owners. */
const NAMED = 3;

/** What is at risk, whether it gets worse, and who must act: the page in three answers. */
export function Hero({ figures, past, period, next }: HeroProps) {
  return (
    <section className={styles.hero} aria-label="At a glance" data-card>
      <AtRisk figures={figures} past={past} period={period} />
      <Late figures={figures} past={past} next={next} />
      <MustAct figures={figures} />
    </section>
  );
}

/** What the comparison is with, in words. */
export function comparedWith(past: Past, period: Period): string | undefined {
  if (past.since === undefined) return undefined;
  return past.keptFrom === undefined ? `in ${SPANS[period]}` : `since ${date(past.since)}, ${time(past.since)}`;
}

function AtRisk({ figures, past, period }: { figures: Figures; past: Past; period: Period }) {
  const address = listAddress(figures.lists?.executive.revenue_at_risk, { sort: 'dollar_value', direction: 'desc' });
  const share = figures.active_revenue > 0 ? (100 * figures.revenue_at_risk) / figures.active_revenue : 0;
  const course = [...past.points, figures].map((point) => ({ at: Date.parse(point.calculated_at), value: point.revenue_at_risk }));
  const value = (
    <Changing value={figures.revenue_at_risk}>
      <Money value={figures.revenue_at_risk} compact />
    </Changing>
  );
  return (
    <div className={styles.risk}>
      <h2 className={styles.label}>Revenue at risk</h2>
      <p className={styles.figure}>{address ? <Link href={address}>{value}</Link> : value}</p>
      <p className={styles.change}>
        {past.since === undefined ? (
          <NoPast past={past} />
        ) : (
          <Delta
            now={figures.revenue_at_risk}
            before={past.before?.revenue_at_risk}
            format={moneyCompact}
            worse="up"
            span={comparedWith(past, period) ?? ''}
          />
        )}
      </p>
      <RiskLine points={course} period={period} live={figures.lists !== undefined} />
      <div className={styles.share}>
        <span className={styles.track} aria-hidden="true">
          <span style={{ width: `${Math.min(100, share)}%` }} />
        </span>
        <span>
          {percent(Math.round(share))} of <Money value={figures.active_revenue} compact /> in open tasks
        </span>
      </div>
    </div>
  );
}

function NoPast({ past }: { past: Past }) {
  if (past.pending) return <span className={styles.quiet}>Comparing…</span>;
  return (
    <span className={styles.quiet}>
      {past.keptFrom === undefined ? 'Nothing to compare with' : `Nothing to compare with before ${date(past.keptFrom)}, ${time(past.keptFrom)}`}
    </span>
  );
}

function Late({ figures, past, next }: Pick<HeroProps, 'figures' | 'past' | 'next'>) {
  const { lists } = figures;
  const soonest = { sort: 'sla_deadline', direction: 'asc' };
  const rows: [label: string, value: number, address: string | undefined][] = [
    ['Within the hour', figures.real_time.due_next_hour, listAddress(lists?.realTime.due_next_hour, soonest)],
    ['Within 4 hours', figures.sla_critical_4h, listAddress(lists?.executive.sla_critical_4h, soonest)],
    ['Within 24 hours', figures.sla_warning_24h, listAddress(lists?.executive.sla_warning_24h, soonest)],
  ];
  const late = <Changing value={figures.sla_violations}>{number(figures.sla_violations)}</Changing>;
  const address = listAddress(lists?.executive.sla_violations, soonest);
  return (
    <div className={styles.panel}>
      <h2 className={styles.label}>Past the deadline</h2>
      <p className={styles.second}>
        {address ? <Link href={address}>{late}</Link> : late}
        <Delta now={figures.sla_violations} before={past.before?.sla_violations} format={number} worse="up" />
      </p>
      <dl className={styles.rows}>
        {rows.map(([label, value, to]) => (
          <div key={label}>
            <dt>{to ? <Link href={to}>{label}</Link> : label}</dt>
            <dd>
              <Changing value={value}>{number(value)}</Changing>
            </dd>
          </div>
        ))}
        <div>
          <dt>
            {lists ? <Link href={listAddress(lists.executive.sla_met_percentage) ?? '/tasks'}>SLA met, of completed</Link> : 'SLA met, of completed'}
          </dt>
          <dd>
            <Delta now={figures.sla_met_percentage} before={past.before?.sla_met_percentage} format={(points) => `${number(Math.round(points * 10) / 10)} pt`} worse="down" />
            <Changing value={figures.sla_met_percentage}>{figures.sla_met_percentage == null ? 'none yet' : percent(figures.sla_met_percentage)}</Changing>
          </dd>
        </div>
      </dl>
      {next && (
        <p className={styles.next}>
          <span>Next:</span> <Link href={next.address}>{next.title}</Link> <Countdown deadline={next.deadline} state={next.state} />
        </p>
      )}
    </div>
  );
}

function MustAct({ figures }: { figures: Figures }) {
  const { owners, lists, real_time: now } = figures;
  const most = owners.slice(0, NAMED);
  const bottleneck = figures.categories.find((row) => row.workflow_category === now.primary_bottleneck);
  const address = listAddress(lists?.realTime.primary_bottleneck, { sort: 'sla_deadline', direction: 'asc' });
  return (
    <div className={styles.panel}>
      <h2 className={styles.label}>Must act first</h2>
      {most.length === 0 ? (
        <p className={styles.quiet}>Nobody has open tasks.</p>
      ) : (
        <ul className={styles.people}>
          {most.map((owner) => (
            <Person key={ownerKey(owner)} owner={owner} address={listAddress(lists?.owners.get(ownerKey(owner))?.critical_tasks)} />
          ))}
        </ul>
      )}
      {bottleneck && (
        <p className={styles.bottleneck}>
          <Icon name="tag" size={14} />
          <span>
            Most red: {address ? <Link href={address}>{bottleneck.workflow_category}</Link> : bottleneck.workflow_category}, {number(bottleneck.red_count)}{' '}
            worth <span title={money(bottleneck.value_at_risk)}>{moneyCompact(bottleneck.value_at_risk)}</span>
          </span>
        </p>
      )}
    </div>
  );
}

function Person({ owner, address }: { owner: Owner; address: string | undefined }) {
  const name = <Avatar name={owner.current_owner ?? null} withName />;
  return (
    <li className={styles.person}>
      {address ? <Link href={address}>{name}</Link> : name}
      <span className={styles.load}>
        <Changing value={owner.critical_tasks}>
          <strong>{number(owner.critical_tasks)} red</strong>
        </Changing>
        {owner.critical_value > 0 && <span title={money(owner.critical_value)}> · {moneyCompact(owner.critical_value)}</span>}
      </span>
    </li>
  );
}
