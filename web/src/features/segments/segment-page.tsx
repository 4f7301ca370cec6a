import { makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useNavigate, useParams } from 'react-router';
import { BackLink } from '../../components/back-link';
import { Command, CommandBar } from '../../components/command-bar';
import { ErrorState } from '../../components/error-state';
import { PageHeader } from '../../components/page-header';
import { RelativeTime } from '../../components/relative-time';
import { RowsGrid } from '../../components/rows-grid';
import { texts as common } from '../../lib/texts';
import { useSegment, useSegmentRows } from './api';
import { inWords } from './rule';
import { SegmentStatus } from './segments-page';
import { texts } from './texts';
import { useSegmentActions } from './use-segment-actions';

const useStyles = makeStyles({
  facts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(180px, 1fr))',
    gap: '16px',
    margin: '12px 0',
    padding: '16px 20px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  wide: { gridColumn: '1 / -1' },
  label: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  heading: { margin: '24px 0 4px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: '0 0 12px', color: tokens.colorNeutralForeground2 },
});

export function SegmentPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const { id = '' } = useParams();
  const segment = useSegment(id);
  const rows = useSegmentRows(id);
  const { actions, dialog } = useSegmentActions(() => void navigate('/data/segments'));
  const data = segment.data;

  if (segment.isError && !data) return <ErrorState error={segment.error} onRetry={() => void segment.refetch()} />;
  if (!data) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} style={{ marginTop: 48 }} /></Skeleton>;

  return (
    <>
      <PageHeader
        title={data.display_name}
        above={<BackLink to="/data/segments">{texts.back}</BackLink>}
        aside={<SegmentStatus segment={data} />}
      >
        {data.members !== null && texts.members_of(data.members)}
      </PageHeader>
      {actions(data).length > 0 && (
        <CommandBar label={texts.commands}>
          {actions(data).map((a) => (
            <Command key={a.label} icon={a.icon!} onClick={a.onClick}>
              {a.label}
            </Command>
          ))}
        </CommandBar>
      )}
      <dl className={styles.facts}>
        <div className={styles.wide}>
          <dt className={styles.label}>{texts.rule}</dt>
          <dd className={styles.value}>{data.rule ? inWords(data.rule) : texts.list_line}</dd>
        </div>
        <div>
          <dt className={styles.label}>{texts.table_name}</dt>
          <dd className={`${styles.value} ${styles.mono}`}>{data.name}</dd>
        </div>
        <div>
          <dt className={styles.label}>{texts.column.kind}</dt>
          <dd className={styles.value}>{texts.kind[data.kind]}</dd>
        </div>
        <div>
          <dt className={styles.label}>{texts.column.refreshed}</dt>
          <dd className={styles.value}>
            <RelativeTime at={data.refreshed_at} />
          </dd>
        </div>
        <div>
          <dt className={styles.label}>{texts.column.exports}</dt>
          <dd className={styles.value}>{data.exports}</dd>
        </div>
      </dl>
      <h2 className={styles.heading}>{texts.first_members}</h2>
      {rows.isError && <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />}
      {rows.isPending && <Skeleton aria-label={common.loading}><SkeletonItem size={128} /></Skeleton>}
      {rows.data && (
        <>
          <p className={styles.line}>{texts.first_members_line(rows.data.rows.length, data.members)}</p>
          <RowsGrid label={texts.first_members} data={rows.data} />
        </>
      )}
      {dialog}
    </>
  );
}
