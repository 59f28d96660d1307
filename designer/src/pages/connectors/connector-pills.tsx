import { useTranslation } from 'react-i18next';
import type { Connector, ConnectorTest } from '../../api/connectors';
import { Pill } from '../../parts/pill';

/** What the last test said; that it is simulated, or was not tried since the server runs. */
export function HealthPill({ connector }: { readonly connector: Connector }) {
  const { t } = useTranslation();
  if (connector.simulated) return <Pill tone="plain" icon="minus">{t('run.simulated')}</Pill>;
  return connector.lastTest === undefined ? <Pill tone="plain" icon="question">{t('connectors.untested')}</Pill> : <TestPill test={connector.lastTest} />;
}

export function TestPill({ test }: { readonly test: ConnectorTest }) {
  const { t } = useTranslation();
  return test.ok === undefined ? <Pill tone="plain" icon="minus">{t('run.simulated')}</Pill> : <Pill tone={test.ok ? 'good' : 'bad'} icon={test.ok ? 'check' : 'cross'}>{t(test.ok ? 'connectors.answers' : 'connectors.fails')}</Pill>;
}
