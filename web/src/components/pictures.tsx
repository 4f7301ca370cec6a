// Small drawings for empty states, in the colours of the theme.

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  root: { width: '160px', height: '112px' },
});

const line = tokens.colorNeutralStroke1;
const soft = tokens.colorBrandBackground2;
const strong = tokens.colorBrandStroke1;
const paper = tokens.colorNeutralBackground1;

function Picture({ children }: { children: ReactNode }) {
  const styles = useStyles();
  return (
    <svg viewBox="0 0 160 112" className={styles.root} aria-hidden="true" focusable="false" fill="none">
      <ellipse cx="80" cy="98" rx="62" ry="7" fill={soft} />
      {children}
    </svg>
  );
}

const round = { strokeWidth: 2.5, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

export function ConnectionsPicture() {
  return (
    <Picture>
      <rect x="16" y="34" width="42" height="46" rx="6" fill={paper} stroke={line} {...round} />
      <rect x="102" y="34" width="42" height="46" rx="6" fill={paper} stroke={line} {...round} />
      <path d="M26 48h22M26 58h14M112 48h22M112 58h14" stroke={line} {...round} />
      <path d="M58 66h10c6 0 6-12 12-12s6 12 12 12h10" stroke={strong} {...round} />
      <circle cx="80" cy="54" r="5" fill={paper} stroke={strong} {...round} />
      <path d="M80 22v10M66 27l5 7M94 27l-5 7" stroke={strong} {...round} />
    </Picture>
  );
}

export function TablesPicture() {
  return (
    <Picture>
      <rect x="34" y="20" width="92" height="70" rx="6" fill={paper} stroke={line} {...round} />
      <path d="M34 26a6 6 0 0 1 6-6h80a6 6 0 0 1 6 6v12H34z" fill={soft} stroke={line} {...round} />
      <path d="M34 55h92M34 72h92M66 38v52M96 38v52" stroke={line} {...round} />
      <path d="M44 29h12M76 29h10M106 29h10" stroke={strong} {...round} />
      <path d="M43 46h13M75 63h12M105 81h11" stroke={strong} {...round} />
    </Picture>
  );
}

export function SegmentsPicture() {
  return (
    <Picture>
      <circle cx="64" cy="54" r="32" fill={soft} stroke={line} {...round} />
      <circle cx="98" cy="54" r="32" stroke={line} {...round} />
      <path d="M81 27a32 32 0 0 1 0 54 32 32 0 0 1 0-54z" fill={paper} stroke={strong} {...round} />
      <circle cx="81" cy="48" r="5" stroke={strong} {...round} />
      <path d="M72 65c1-6 4-9 9-9s8 3 9 9" stroke={strong} {...round} />
    </Picture>
  );
}

export function ExportsPicture() {
  return (
    <Picture>
      <path d="M30 92V34a8 8 0 0 1 8-8h50a8 8 0 0 1 8 8v58" stroke={line} {...round} />
      <rect x="42" y="26" width="42" height="30" rx="3" fill={soft} stroke={line} {...round} />
      <path d="M52 36h22M52 45h14" stroke={strong} {...round} />
      <path d="M42 70c7-5 14-5 21 0s14 5 21 0 14-5 21 0 14 5 21 0" stroke={strong} {...round} />
      <path d="M42 82c7-5 14-5 21 0s14 5 21 0 14-5 21 0 14 5 21 0" stroke={line} {...round} />
      <path d="M112 40h26M128 30l10 10-10 10" stroke={strong} {...round} />
    </Picture>
  );
}

export function RunsPicture() {
  return (
    <Picture>
      <circle cx="80" cy="54" r="36" fill={paper} stroke={line} {...round} />
      <path d="M80 32v22l14 9" stroke={strong} {...round} />
      <path d="M44 54H32M128 54h-12M80 18v-6" stroke={line} {...round} />
      <circle cx="80" cy="54" r="26" fill={soft} opacity="0.5" />
    </Picture>
  );
}

export function LockedPicture() {
  return (
    <Picture>
      <rect x="50" y="46" width="60" height="44" rx="7" fill={soft} stroke={line} {...round} />
      <path d="M62 46V34a18 18 0 0 1 36 0v12" stroke={line} {...round} />
      <circle cx="80" cy="65" r="5" fill={paper} stroke={strong} {...round} />
      <path d="M80 70v8" stroke={strong} {...round} />
    </Picture>
  );
}

export function NothingFoundPicture() {
  return (
    <Picture>
      <circle cx="74" cy="48" r="28" fill={paper} stroke={line} {...round} />
      <path d="M95 69l22 21" stroke={line} {...round} />
      <path d="M64 42c3-6 17-7 18 2 0 6-8 6-8 12" stroke={strong} {...round} />
      <circle cx="74" cy="63" r="1.5" fill={strong} stroke={strong} />
    </Picture>
  );
}
