import { useSearchParams } from 'wouter';
import { Page, PageHeader, Tabs } from '../../ui';
import { useNotices } from '../../notifications/useNotices';
import { Centre } from './Centre';
import { PreferencesForm } from './PreferencesForm';

/** What happened, and what one wants to hear of. */
export default function Notifications() {
  const [params] = useSearchParams();
  const { unread } = useNotices();
  const preferences = params.get('tab') === 'preferences';
  return (
    <Page narrow>
      <PageHeader title="Notifications" description="What has happened while you work, in this browser." />
      <Tabs
        label="Notifications"
        current={preferences ? '/notifications?tab=preferences' : '/notifications'}
        tabs={[
          { to: '/notifications', label: 'Inbox', icon: 'bell', count: unread },
          { to: '/notifications?tab=preferences', label: 'Preferences', icon: 'settings' },
        ]}
      />
      {preferences ? <PreferencesForm /> : <Centre />}
    </Page>
  );
}
