import { Redirect } from 'wouter';

/** Settings have no page of their own. */
export default function SettingsIndex() {
  return <Redirect to="/settings/sla" replace />;
}
