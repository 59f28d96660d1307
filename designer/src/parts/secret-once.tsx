import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog';

/** A secret that is shown this once: closing says that it was taken along. */
export function SecretOnce({ title, text, secret, onClose }: { readonly title: string; readonly text: string; readonly secret: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={title} text={text}>
      <pre className="code-block secret" tabIndex={0}>{secret}</pre>
      <div className="row end">
        <button type="button" className="button" onClick={() => { void navigator.clipboard.writeText(secret).then(() => { setCopied(true); }); }}>{t(copied ? 'app.copied' : 'app.copy')}</button>
        <button type="button" className="button primary" onClick={onClose}>{t('users.taken')}</button>
      </div>
    </Dialog>
  );
}
