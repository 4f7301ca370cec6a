import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import type { Run, Stage } from '../../api/types';
import { ChevronDownRegular, ChevronRightRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { kRunTone, RunStatus, StatusIcon } from '../../components/status-cell';
import { formatDuration } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { borderTop: `1px solid ${tokens.colorNeutralStroke2}`, padding: '8px 0' },
  head: { display: 'grid', gridTemplateColumns: '20px minmax(0, 1fr) auto', alignItems: 'center', gap: '8px', minHeight: '36px' },
  title: { fontWeight: tokens.fontWeightSemibold },
  count: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  hidden: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  tasks: { listStyleType: 'none', margin: '4px 0 0', padding: '0 0 0 28px' },
  task: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    gap: '2px 12px',
    padding: '8px 0',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  focus: { backgroundColor: tokens.colorBrandBackground2, padding: '8px', borderRadius: tokens.borderRadiusMedium },
  name: { overflowWrap: 'anywhere' },
  state: { display: 'flex', gap: '8px', alignItems: 'center', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  stage: Stage;
  jobId: string;
  tasks: Run[];
  focus: string | null;
  opened: boolean;
}

export function JobStage({ stage, jobId, tasks, focus, opened }: Props) {
  const styles = useStyles();
  const link = useLinkStyles();
  const [open, setOpen] = useState(opened);
  const id = useId();
  const refreshed = stage.done - stage.failed - stage.skipped;
  const facts = [
    stage.total > 0 ? texts.refreshed_of(refreshed, stage.total) : texts.nothing_to_do,
    stage.failed > 0 && texts.failed_n(stage.failed),
    stage.skipped > 0 && texts.skipped_n(stage.skipped),
    stage.duration_ms !== null && stage.total > 0 && formatDuration(stage.duration_ms),
  ].filter(Boolean);

  return (
    <li className={styles.root}>
      <div className={styles.head}>
        <span title={common.run_state[stage.state]}>
          <StatusIcon tone={stage.total === 0 ? 'none' : kRunTone[stage.state]} />
          {stage.total > 0 && <span className={styles.hidden}>{common.run_state[stage.state]}</span>}
        </span>
        <span>
          <span className={styles.title}>{stage.title}</span>
          <br />
          <span className={styles.count}>{facts.join(' · ')}</span>
        </span>
        {tasks.length > 0 && (
          <Button
            appearance="subtle"
            icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
            aria-expanded={open}
            aria-controls={id}
            aria-label={open ? texts.collapse(stage.title) : texts.expand(stage.title)}
            onClick={() => setOpen(!open)}
          />
        )}
      </div>
      <ul id={id} className={styles.tasks} hidden={!open || tasks.length === 0}>
        {tasks.map((task) => (
          <li key={task.id} className={mergeClasses(styles.task, task.id === focus && styles.focus)}>
            <span className={styles.name}>{task.subject.display_name}</span>
            <Link
              to={`/admin/system/status/jobs/${jobId}/${task.id}${focus ? `?run=${focus}` : ''}`}
              className={link.root}
              aria-label={texts.see_details_of(task.subject.display_name)}
            >
              {texts.see_details}
            </Link>
            <span className={styles.state}>
              <RunStatus state={task.state} canceling={task.is_canceling} />
              {task.duration_ms !== null && formatDuration(task.duration_ms)}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
