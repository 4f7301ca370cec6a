import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { VerificationStep } from '../../api/types';
import { CheckmarkCircleFilled, ErrorCircleFilled, SubtractCircleRegular } from '../../components/icons';
import { formatDuration } from '../../lib/format';
import { texts } from './texts';

const useStyles = makeStyles({
  list: {
    margin: 0,
    padding: '4px 16px',
    listStyleType: 'none',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  step: {
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr) auto',
    columnGap: '10px',
    padding: '10px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ':last-child': { borderBottomStyle: 'none' },
    animationName: { from: { opacity: 0, transform: 'translateY(4px)' }, to: { opacity: 1, transform: 'none' } },
    animationDuration: '200ms',
    animationFillMode: 'backwards',
    '@media (prefers-reduced-motion: reduce)': { animationName: 'none' },
  },
  icon: { fontSize: '20px' },
  passed: { color: tokens.colorStatusSuccessForeground1 },
  failed: { color: tokens.colorStatusDangerForeground1 },
  skipped: { color: tokens.colorNeutralForeground3 },
  title: { fontWeight: tokens.fontWeightSemibold },
  time: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
  more: { gridColumn: '2 / -1', overflowWrap: 'anywhere', color: tokens.colorNeutralForeground2 },
  advice: { color: tokens.colorNeutralForeground1, marginTop: '4px' },
  proposal: { gridColumn: '2 / -1', marginTop: '8px', justifySelf: 'start' },
  mono: { display: 'block', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere', marginBottom: '6px' },
  word: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

const kIcons = { passed: CheckmarkCircleFilled, failed: ErrorCircleFilled, skipped: SubtractCircleRegular };

interface Props {
  steps: VerificationStep[];
  onAdopt: (proposal: NonNullable<VerificationStep['proposal']>) => void;
}

/** What was tried, in order, with what was found and what to do about it. */
export function VerificationSteps({ steps, onAdopt }: Props) {
  const styles = useStyles();
  return (
    <ol className={styles.list} aria-label={texts.check}>
      {steps.map((step, index) => {
        const Icon = kIcons[step.state];
        return (
          <li key={step.name} className={styles.step} style={{ animationDelay: `${index * 90}ms` }}>
            <Icon className={mergeClasses(styles.icon, styles[step.state])} />
            <span className={styles.title}>
              {step.title}
              <span className={styles.word}> – {texts.step_state[step.state]}</span>
            </span>
            <span className={styles.time}>
              {step.state === 'skipped' ? texts.step_state.skipped : formatDuration(step.duration_ms)}
            </span>
            {step.detail && <span className={styles.more}>{step.detail}</span>}
            {step.advice && <span className={mergeClasses(styles.more, styles.advice)}>{step.advice}</span>}
            {step.proposal && (
              <div className={styles.proposal}>
                <span className={styles.mono}>{String(step.proposal.value)}</span>
                <Button size="small" appearance="primary" onClick={() => onAdopt(step.proposal!)}>
                  {step.proposal.title}
                </Button>
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
