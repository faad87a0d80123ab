import { money, moneyCompact } from '../data/format';
import { Tooltip } from './Tooltip';

/** Dollars: exact, or short with the exact amount on hover and for those who listen. */
export function Money({ value, compact = false }: { value: number; compact?: boolean }) {
  const exact = money(value);
  const short = moneyCompact(value);
  if (!compact || exact === short) return <span className="tabular">{exact}</span>;
  return (
    <Tooltip text={exact}>
      <span className="tabular">
        <span aria-hidden="true">{short}</span>
        <span className="visually-hidden">{exact}</span>
      </span>
    </Tooltip>
  );
}
