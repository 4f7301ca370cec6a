import type { SVGProps } from 'react';

/** The sluice gate: a frame, the raised gate, and the water below it. */
export function ProductMark(props: SVGProps<SVGSVGElement>) {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {...props}>
      <rect width="32" height="32" rx="7" fill="#0f6d8c" />
      <path d="M7.5 25V9a2 2 0 0 1 2-2h13a2 2 0 0 1 2 2v16" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" />
      <rect x="11" y="7" width="10" height="8.5" rx="1" fill="#fff" />
      <path
        d="M11 19.5c1.7-1.4 3.3-1.4 5 0s3.3 1.4 5 0M11 24c1.7-1.4 3.3-1.4 5 0s3.3 1.4 5 0"
        fill="none"
        stroke="#8be0f5"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
