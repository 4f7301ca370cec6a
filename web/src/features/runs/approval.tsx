import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useApproveRun } from '../../api/runs';
import { usePermission } from '../../api/session';
import type { Run } from '../../api/types';
import { ShieldCheckmarkRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import { formatNumber, words } from '../../lib/format';
import { texts } from './texts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: '12px',
    marginTop: '12px',
    padding: '16px 20px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorStatusWarningBorder2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  title: { margin: 0, display: 'flex', alignItems: 'center', gap: '8px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  icon: { fontSize: '24px', color: tokens.colorStatusWarningForeground1 },
  text: { margin: 0, maxWidth: '80ch' },
  numbers: { display: 'flex', flexWrap: 'wrap', gap: '12px 32px', margin: 0 },
  number: { display: 'flex', flexDirection: 'column-reverse' },
  value: { margin: 0, fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  label: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** A run that stopped before it would change too much: what it was about to do, and the button that lets it. */
export function Approval({ run }: { run: Run }) {
  const styles = useStyles();
  const notify = useNotify();
  const approve = useApproveRun();
  const mayApprove = usePermission('connections_manage') || run.can.includes('approve');
  if (run.state !== 'needs_approval') return null;
  const { display_name } = run.subject;
  return (
    <section className={styles.root} aria-labelledby="approval">
      <h2 id="approval" className={styles.title}>
        <ShieldCheckmarkRegular className={styles.icon} aria-hidden />
        {texts.approval}
      </h2>
      {run.approval && <p className={styles.text}>{run.approval.detail}</p>}
      {run.approval && (
        <dl className={styles.numbers}>
          {Object.entries(run.approval.numbers ?? {}).map(([name, value]) => (
            <div key={name} className={styles.number}>
              <dd className={styles.value}>{formatNumber(value)}</dd>
              <dt className={styles.label}>{words(name)}</dt>
            </div>
          ))}
        </dl>
      )}
      {mayApprove ? (
        <Button
          appearance="primary"
          disabled={approve.isPending}
          icon={approve.isPending ? <Spinner size="tiny" /> : undefined}
          onClick={() =>
            approve.mutate(run, {
              onSuccess: () => notify.success(texts.approved(display_name)),
              onError: (error) => notify.failure(texts.approve_failed, error),
            })
          }
        >
          {texts.approve}
        </Button>
      ) : (
        <p className={styles.text}>{texts.approval_wait}</p>
      )}
    </section>
  );
}
