import { makeStyles, tokens } from '@fluentui/react-components';

/** Running text made from markdown. */
export const useProseStyles = makeStyles({
  root: {
    lineHeight: '1.6',
    overflowWrap: 'break-word',
    '& h2, & h3, & h4, & h5': { margin: '28px 0 8px', lineHeight: 1.3, fontWeight: tokens.fontWeightSemibold },
    '& h2': { fontSize: tokens.fontSizeBase600 },
    '& h3': { fontSize: tokens.fontSizeBase500 },
    '& h4, & h5': { fontSize: tokens.fontSizeBase400 },
    '& p, & ul, & ol': { margin: '0 0 12px' },
    '& ul, & ol': { paddingLeft: '24px' },
    '& li': { margin: '4px 0' },
    '& a': { color: tokens.colorBrandForegroundLink },
    '& code': {
      padding: '1px 5px',
      borderRadius: tokens.borderRadiusSmall,
      backgroundColor: tokens.colorNeutralBackground3,
      fontFamily: tokens.fontFamilyMonospace,
      fontSize: '0.92em',
    },
    '& pre': {
      padding: '12px 16px',
      overflowX: 'auto',
      borderRadius: tokens.borderRadiusMedium,
      backgroundColor: tokens.colorNeutralBackground3,
    },
    '& pre code': { padding: 0 },
    '& table': { borderCollapse: 'collapse', margin: '0 0 16px', display: 'block', overflowX: 'auto' },
    '& th, & td': { padding: '6px 12px', border: `1px solid ${tokens.colorNeutralStroke2}`, textAlign: 'start' },
    '& th': { backgroundColor: tokens.colorNeutralBackground2 },
    '& blockquote': { margin: '0 0 12px', paddingLeft: '12px', borderLeft: `3px solid ${tokens.colorBrandStroke1}` },
  },
});
