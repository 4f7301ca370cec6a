import { makeStyles, tokens } from '@fluentui/react-components';

/** The look of a link for the router's Link, which loads no new page. */
export const useLinkStyles = makeStyles({
  root: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    ':hover': { textDecorationLine: 'underline', color: tokens.colorBrandForegroundLinkHover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
  inText: { textDecorationLine: 'underline' },
  strong: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1, ':hover': { color: tokens.colorBrandForegroundLinkHover } },
});
