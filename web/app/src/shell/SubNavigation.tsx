import { useLocation } from 'wouter';
import { Tabs } from '../ui';
import { isAt, OPS, SETTINGS } from './routes';
import styles from './Shell.module.css';

/** The views of a section, above its pages. */
export function SubNavigation() {
  const [path] = useLocation();
  const section = isAt(path, '/ops') ? { label: 'Operations', tabs: OPS } : isAt(path, '/settings') ? { label: 'Settings', tabs: SETTINGS } : null;
  return (
    section && (
      <div className={styles.subnav}>
        <Tabs label={section.label} tabs={section.tabs} />
      </div>
    )
  );
}
