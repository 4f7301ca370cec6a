import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { AuditEntry } from '../../api/types';
import { CopyButton } from '../../components/copy-button';
import { Pane, PaneContent } from '../../components/pane';
import { formatDateTime, words } from '../../lib/format';
import { changesOf, eventText, fieldText } from './entry';
import { texts } from './texts';

const useStyles = makeStyles({
  facts: { margin: 0, display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: '8px 20px', alignItems: 'center' },
  label: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, display: 'flex', alignItems: 'center', gap: '4px', minWidth: 0, overflowWrap: 'anywhere' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  heading: { margin: '24px 0 8px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  table: { width: '100%', borderCollapse: 'collapse', tableLayout: 'fixed' },
  head: { padding: '6px 8px 6px 0', textAlign: 'start', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  cell: {
    padding: '8px 8px 8px 0',
    textAlign: 'start',
    verticalAlign: 'top',
    fontWeight: tokens.fontWeightRegular,
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  old: { color: tokens.colorNeutralForeground3, textDecorationLine: 'line-through' },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export function EntryPane({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const styles = useStyles();
  const changes = changesOf(entry.details);
  const hasOld = changes.some((change) => change.old !== undefined);
  const facts: [title: string, value: string, copies: boolean][] = [
    [texts.when, formatDateTime(entry.at), false],
    [texts.who, entry.actor.id ? entry.actor.display_name : texts.system, false],
    [texts.object, `${words(entry.object.kind)}: ${entry.object.name}`, false],
    [texts.object_id, entry.object.id, true],
    [texts.request_id, entry.request_id, true],
    [texts.address, entry.address, false],
  ];
  return (
    <Pane onClose={onClose}>
      <PaneContent title={eventText(entry.event)} line={entry.object.name} onClose={onClose} footer={<Button onClick={onClose}>{texts.close}</Button>}>
        <dl className={styles.facts}>
          {facts
            .filter(([, value]) => value)
            .map(([title, value, copies]) => (
              <div key={title} style={{ display: 'contents' }}>
                <dt className={styles.label}>{title}</dt>
                <dd className={styles.value}>
                  <span className={copies ? styles.mono : undefined}>{value}</span>
                  {copies && <CopyButton value={value} label={texts.copy(title)} />}
                </dd>
              </div>
            ))}
        </dl>
        <h3 className={styles.heading}>{texts.changes}</h3>
        {changes.length === 0 ? (
          <p className={styles.none}>{texts.nothing}</p>
        ) : (
          <table className={styles.table} aria-label={texts.changes}>
            <thead>
              <tr>
                <th scope="col" className={styles.head}>
                  {texts.field}
                </th>
                {hasOld && (
                  <th scope="col" className={styles.head}>
                    {texts.old}
                  </th>
                )}
                <th scope="col" className={styles.head}>
                  {texts.new}
                </th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={change.field}>
                  <th scope="row" className={styles.cell}>
                    {fieldText(change.field)}
                  </th>
                  {hasOld && <td className={styles.cell}>{change.old !== undefined && <span className={change.old === texts.none ? styles.none : styles.old}>{change.old}</span>}</td>}
                  <td className={styles.cell}>{change.new}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </PaneContent>
    </Pane>
  );
}
