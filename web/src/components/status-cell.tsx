import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ComponentType } from 'react';
import { isEnded } from '../api/runs';
import type { RunState } from '../api/types';
import {
  ArrowSyncRegular,
  CheckmarkCircleFilled,
  CircleRegular,
  ClockRegular,
  ErrorCircleFilled,
  ProhibitedRegular,
  WarningFilled,
} from './icons';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: { display: 'inline-flex', alignItems: 'center', gap: '6px', minWidth: 0, verticalAlign: 'middle' },
  icon: { flexShrink: 0, fontSize: '16px' },
  word: { overflow: 'hidden', textOverflow: 'ellipsis' },
  success: { color: tokens.colorStatusSuccessForeground1 },
  warning: { color: tokens.colorStatusWarningForeground1 },
  danger: { color: tokens.colorStatusDangerForeground1 },
  brand: { color: tokens.colorBrandForeground1 },
  neutral: { color: tokens.colorNeutralForeground3 },
  turning: {
    animationName: { from: { transform: 'rotate(0deg)' }, to: { transform: 'rotate(360deg)' } },
    animationDuration: '1.6s',
    animationIterationCount: 'infinite',
    animationTimingFunction: 'linear',
    '@media (prefers-reduced-motion: reduce)': { animationName: 'none' },
  },
});

export type Tone = 'success' | 'warning' | 'danger' | 'working' | 'waiting' | 'stopped' | 'none';

const kLook: Record<Tone, { icon: ComponentType<{ className?: string }>; colour: keyof ReturnType<typeof useStyles> }> = {
  success: { icon: CheckmarkCircleFilled, colour: 'success' },
  warning: { icon: WarningFilled, colour: 'warning' },
  danger: { icon: ErrorCircleFilled, colour: 'danger' },
  working: { icon: ArrowSyncRegular, colour: 'brand' },
  waiting: { icon: ClockRegular, colour: 'neutral' },
  stopped: { icon: ProhibitedRegular, colour: 'neutral' },
  none: { icon: CircleRegular, colour: 'neutral' },
};

/** The icon alone, where the word stands elsewhere. */
export function StatusIcon({ tone }: { tone: Tone }) {
  const styles = useStyles();
  const { icon: Icon, colour } = kLook[tone];
  return <Icon className={mergeClasses(styles.icon, styles[colour], tone === 'working' && styles.turning)} />;
}

/** A state as icon and word: never by colour alone. */
export function StatusCell({ tone, children, title }: { tone: Tone; children: string; title?: string }) {
  const styles = useStyles();
  return (
    <span className={styles.root} title={title}>
      <StatusIcon tone={tone} />
      <span className={styles.word}>{children}</span>
    </span>
  );
}

export const kRunTone: Record<RunState, Tone> = {
  queued: 'waiting',
  running: 'working',
  succeeded: 'success',
  completed_with_warnings: 'warning',
  completed_with_errors: 'danger',
  retrying: 'working',
  failed: 'danger',
  skipped: 'warning',
  canceled: 'stopped',
  needs_approval: 'waiting',
};

export function RunStatus({ state, canceling }: { state: RunState | null | undefined; canceling?: boolean }) {
  if (canceling && !isEnded(state)) return <StatusCell tone="working">{texts.canceling}</StatusCell>;
  if (!state) return <StatusCell tone="none">{texts.not_started}</StatusCell>;
  return <StatusCell tone={kRunTone[state]}>{texts.run_state[state]}</StatusCell>;
}
