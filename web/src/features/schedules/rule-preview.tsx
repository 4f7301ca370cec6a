import { makeStyles, Spinner, tokens } from '@fluentui/react-components';
import type { SchedulePreview } from '../../api/types';
import { CalendarClockRegular } from '../../components/icons';
import { formatInZone } from '../../lib/format';
import { toProblem } from '../../lib/problem';
import { texts } from './texts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    gap: '8px',
    padding: '14px 16px',
    backgroundColor: tokens.colorNeutralBackground2,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  title: { margin: 0, display: 'flex', alignItems: 'center', gap: '8px', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  icon: { fontSize: '20px', color: tokens.colorBrandForeground1 },
  words: { margin: 0, paddingLeft: '18px', display: 'flex', flexDirection: 'column', gap: '2px', color: tokens.colorNeutralForeground2 },
  first: { margin: 0 },
  next: { margin: 0, padding: 0, listStyleType: 'none' },
  start: {
    display: 'flex',
    justifyContent: 'space-between',
    flexWrap: 'wrap',
    columnGap: '16px',
    padding: '4px 0',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    fontVariantNumeric: 'tabular-nums',
  },
  soft: { margin: 0, color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  preview: SchedulePreview | undefined;
  zone: string;
  /** The rule changed and the answer is on its way. */
  loading?: boolean;
  error?: unknown;
}

/** A rule in words, and its next starts on the clocks of its zone; in UTC beside them. */
export function RulePreview({ preview, zone, loading, error }: Props) {
  const styles = useStyles();
  const problem = error ? toProblem(error) : null;
  return (
    <section className={styles.root} aria-label={texts.preview} aria-busy={loading}>
      <h3 className={styles.title}>
        <CalendarClockRegular className={styles.icon} aria-hidden />
        {texts.preview}
        {loading && <Spinner size="extra-tiny" aria-label={texts.preview_loading} />}
      </h3>
      {/* Its field says what is wrong; this is for what belongs to none. */}
      {problem && problem.errors.length === 0 && (
        <p className={styles.soft}>
          {texts.preview_failed}: {problem.detail}
        </p>
      )}
      {!preview && !loading && (!problem || problem.errors.length > 0) && <p className={styles.soft}>{texts.preview_waiting}</p>}
      {preview && !problem && (
        <>
          <div role="status">
            <p className={styles.first}>{preview.words[0]}</p>
            {preview.words.length > 1 && (
              <ul className={styles.words}>
                {preview.words.slice(1).map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </div>
          {preview.next.length === 0 ? (
            <p className={styles.soft}>{texts.never_starts}</p>
          ) : (
            <ol className={styles.next} aria-label={texts.next_starts}>
              {preview.next.map((at) => (
                <li key={at} className={styles.start}>
                  <time dateTime={at} title={formatInZone(at, 'UTC')}>
                    {formatInZone(at, zone)}
                  </time>
                  {zone !== 'UTC' && <span className={styles.soft}>{formatInZone(at, 'UTC')}</span>}
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </section>
  );
}
