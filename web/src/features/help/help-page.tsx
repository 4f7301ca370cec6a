import { makeStyles, tokens } from '@fluentui/react-components';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { typeTitle, useConnectionTypes } from '../../api/connection-types';
import { BackLink } from '../../components/back-link';
import { ErrorState } from '../../components/error-state';
import { useLinkStyles } from '../../components/link-styles';
import { PageHeader } from '../../components/page-header';
import { TypeIcon } from '../../components/type-icon';
import { renderMarkdown } from '../../lib/markdown';
import { useProseStyles } from './prose-styles';
import { texts } from './texts';

const useStyles = makeStyles({
  paper: {
    maxWidth: '860px',
    padding: '8px 32px 32px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    '@media (max-width: 640px)': { padding: '4px 16px 24px' },
  },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: { display: 'flex', gap: '12px', padding: '10px 0', alignItems: 'flex-start' },
  summary: { margin: 0, color: tokens.colorNeutralForeground2 },
  heading: { fontSize: tokens.fontSizeBase500, margin: '24px 0 4px' },
});

export function HelpIndexPage() {
  const styles = useStyles();
  const link = useLinkStyles();
  const types = useConnectionTypes();
  if (types.isError) return <ErrorState error={types.error} onRetry={() => void types.refetch()} />;
  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <div className={styles.paper}>
        <h2 className={styles.heading}>{texts.privacy_title}</h2>
        <p className={styles.summary}>{texts.privacy}</p>
        {(['export', 'enrichment'] as const).map((kind) => {
          const members = types.data?.filter((t) => t.serves.includes(kind)) ?? [];
          if (members.length === 0) return null;
          return (
            <section key={kind}>
              <h2 className={styles.heading}>{texts.kinds[kind]}</h2>
              <ul className={styles.list}>
                {members.map((type) => (
                  <li key={type.id} className={styles.item}>
                    <TypeIcon type={type.id} size={24} />
                    <div>
                      <Link to={type.help} className={link.root}>
                        {typeTitle(type)}
                      </Link>
                      <p className={styles.summary}>{type.summary}</p>
                    </div>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </>
  );
}

export function HelpPage() {
  const styles = useStyles();
  const prose = useProseStyles();
  const { type: id = '' } = useParams();
  const types = useConnectionTypes();
  const type = types.data?.find((t) => t.id === id);
  // The page shows the title already; a help text usually begins with it as well.
  const html = useMemo(() => (type ? renderMarkdown(type.help_markdown.replace(/^\s*#\s[^\n]*\n/, '')) : ''), [type]);
  if (types.isError) return <ErrorState error={types.error} onRetry={() => void types.refetch()} />;
  if (types.data && !type) return <ErrorState error={new Error(texts.unknown)} title={texts.title} />;
  return (
    <>
      <PageHeader
        title={type ? typeTitle(type) : texts.title}
        icon={type && <TypeIcon type={type.id} size={32} />}
        above={<BackLink to="/help">{texts.back}</BackLink>}
      >
        {type?.subtitle}
      </PageHeader>
      <article className={`${styles.paper} ${prose.root}`} dangerouslySetInnerHTML={{ __html: html }} />
    </>
  );
}
