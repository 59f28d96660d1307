import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useUsers } from '../../api/versions';
import { Section } from '../../parts/page';

/** Who starts this playbook with Run, as they are current: whoever changes it changes them too. */
export function UsedBy({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const users = useUsers(name).data ?? [];
  if (users.length === 0) return null;
  return (
    <Section title={t('playbook.usedBy')}>
      <ul className="plain-list">
        {users.map(user => <li key={`${user.playbook} ${String(user.line)}`}><Link className="button small" to={`/playbooks/${encodeURIComponent(user.playbook)}`}>{user.playbook} {user.version}</Link> <span className="soft">{t('playbook.line', { line: user.line })}</span></li>)}
      </ul>
    </Section>
  );
}
