import { Button, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { Connection, ConnectionType } from '../../api/types';
import { settingsOf } from '../../lib/fields';
import { toProblem, type Problem } from '../../lib/problem';
import { ProblemMessage } from '../../components/problem-message';
import { loadConnection } from './api';
import type { Draft } from './draft';
import { texts } from './texts';

const useStyles = makeStyles({
  bar: { height: 'auto' },
  actions: { display: 'flex', gap: '8px', marginTop: '8px', flexWrap: 'wrap' },
  table: { width: '100%', marginTop: '12px', borderCollapse: 'collapse', textAlign: 'start', tableLayout: 'fixed' },
  cell: { padding: '4px 8px 4px 0', textAlign: 'start', verticalAlign: 'top', overflowWrap: 'anywhere' },
  note: { margin: '8px 0 0', color: tokens.colorNeutralForeground2 },
});

interface Difference {
  title: string;
  theirs: string;
  mine: string;
}

function differences(type: ConnectionType, theirs: Connection, draft: Draft): Difference[] {
  const mine = settingsOf(type.fields, draft.values);
  const rows: Difference[] = [
    { title: texts.display_name, theirs: theirs.display_name, mine: draft.display_name.trim() },
    { title: texts.who, theirs: texts.shared_with[theirs.sharing.with], mine: texts.shared_with[draft.sharing] },
    ...type.fields.map((f) => ({ title: f.title, theirs: String(theirs.settings[f.name] ?? ''), mine: String(mine[f.name] ?? '') })),
  ];
  return rows.filter((row) => row.theirs !== row.mine);
}

interface Props {
  type: ConnectionType;
  connection: Connection;
  draft: Draft;
  onReload: () => void;
  onKeep: (version: number) => void;
}

/** Two people edited at once: nothing is overwritten without having been seen. */
export function StaleMessage({ type, connection, draft, onReload, onKeep }: Props) {
  const styles = useStyles();
  const [theirs, setTheirs] = useState<Connection | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const rows = theirs ? differences(type, theirs, draft) : [];
  const compare = () => loadConnection(connection.id).then(setTheirs, (error) => setProblem(toProblem(error)));

  if (problem) return <ProblemMessage problem={problem} />;
  return (
    <MessageBar intent="warning" layout="multiline" className={styles.bar} role="alert">
      <MessageBarBody>
        <MessageBarTitle>{texts.stale_title} </MessageBarTitle>
        {texts.stale_body(theirs?.updated_by?.display_name)}
        {theirs && rows.length === 0 && <p className={styles.note}>{texts.nothing_differs}</p>}
        {rows.length > 0 && (
          <table className={styles.table}>
            <thead>
              <tr>
                {[texts.compare_field, texts.compare_theirs, texts.compare_mine].map((title) => (
                  <th key={title} scope="col" className={styles.cell}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.title}>
                  <th scope="row" className={styles.cell}>
                    {row.title}
                  </th>
                  <td className={styles.cell}>{row.theirs}</td>
                  <td className={styles.cell}>{row.mine}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {theirs && <p className={styles.note}>{texts.stale_secrets}</p>}
        <div className={styles.actions}>
          <Button size="small" onClick={onReload}>
            {texts.reload}
          </Button>
          {theirs ? (
            <Button size="small" onClick={() => onKeep(theirs.version)}>
              {texts.keep_mine}
            </Button>
          ) : (
            <Button size="small" onClick={() => void compare()}>
              {texts.compare}
            </Button>
          )}
        </div>
      </MessageBarBody>
    </MessageBar>
  );
}
