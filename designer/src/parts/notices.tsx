import { Toast } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

interface Notice {
  readonly id: number;
  readonly text: string;
}

let notices: readonly Notice[] = [];
let lastId = 0;
const watchers = new Set<() => void>();

function become(next: readonly Notice[]): void {
  notices = next;
  for (const watcher of watchers) watcher();
}

/** Says for a moment that something was done; a screen reader speaks it. */
export function notify(text: string): void {
  lastId++;
  become([...notices, { id: lastId, text }]);
}

export function Notices() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(watcher => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, () => notices);
  return (
    <Toast.Provider duration={5000} label={t('app.name')}>
      {shown.map(notice => (
        <Toast.Root key={notice.id} className="notice" onOpenChange={open => { if (!open) become(notices.filter(each => each.id !== notice.id)); }}>
          <Toast.Description>{notice.text}</Toast.Description>
        </Toast.Root>
      ))}
      <Toast.Viewport className="notices" />
    </Toast.Provider>
  );
}
