import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { usePermission, useSession } from '../../api/session';
import { CopyButton } from '../../components/copy-button';
import { useConnectorFaults } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  card: {
    maxWidth: '760px',
    padding: '20px 24px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: '4px 0 12px', color: tokens.colorNeutralForeground2 },
  facts: { margin: 0 },
  fact: {
    display: 'grid',
    gridTemplateColumns: '160px minmax(0, 1fr)',
    alignItems: 'center',
    gap: '12px',
    minHeight: '40px',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    '@media (max-width: 640px)': { gridTemplateColumns: 'minmax(0, 1fr)', gap: 0, padding: '6px 0' },
  },
  label: { color: tokens.colorNeutralForeground2 },
  faults: { marginTop: '24px' },
  value: { margin: 0, display: 'flex', alignItems: 'center', gap: '4px', minWidth: 0, overflowWrap: 'anywhere' },
});

/** Nothing at all while every folder was loaded. */
function ConnectorFaults() {
  const styles = useStyles();
  const { data: faults = [] } = useConnectorFaults(usePermission('connections_manage'));
  if (faults.length === 0) return null;
  return (
    <section className={mergeClasses(styles.card, styles.faults)} aria-labelledby="connector-faults">
      <h2 id="connector-faults" className={styles.title}>
        {texts.connector_faults}
      </h2>
      <p className={styles.line}>{texts.connector_faults_line}</p>
      <dl className={styles.facts}>
        {faults.map((fault) => (
          <div key={fault.folder} className={styles.fact}>
            <dt className={styles.label}>{fault.folder}</dt>
            <dd className={styles.value}>{fault.detail}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function AboutTab() {
  return (
    <>
      <Environment />
      <ConnectorFaults />
    </>
  );
}

function Environment() {
  const styles = useStyles();
  const { environment, user, version } = useSession();
  const facts: [title: string, value: string, copies: boolean][] = [
    [texts.environment_name, environment.display_name, false],
    [texts.environment_id, environment.id, true],
    [texts.version, version, true],
    [texts.user, user.display_name === user.email ? user.email : `${user.display_name} (${user.email})`, false],
    [texts.role, texts.roles[user.role], false],
  ];
  return (
    <section className={styles.card} aria-labelledby="about">
      <h2 id="about" className={styles.title}>
        {texts.about}
      </h2>
      <p className={styles.line}>{texts.about_line}</p>
      <dl className={styles.facts}>
        {facts.map(([title, value, copies]) => (
          <div key={title} className={styles.fact}>
            <dt className={styles.label}>{title}</dt>
            <dd className={styles.value}>
              {value}
              {copies && <CopyButton value={value} label={texts.copy(title)} />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
