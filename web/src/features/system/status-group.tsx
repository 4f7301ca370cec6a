import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import type { StatusTask, SystemStatus } from '../../api/types';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { ChevronDownRegular, ChevronRightRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime, UpcomingTime } from '../../components/relative-time';
import { kRunTone, RunStatus, StatusIcon, type Tone } from '../../components/status-cell';
import { formatNumber } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { marginTop: '12px' },
  head: { display: 'flex', alignItems: 'center', gap: '12px', flexWrap: 'wrap', minHeight: '40px' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300 },
  toggle: { paddingLeft: '4px', fontWeight: tokens.fontWeightSemibold },
  counts: { display: 'flex', gap: '12px', flexWrap: 'wrap', margin: 0, padding: 0, listStyleType: 'none', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  count: { display: 'inline-flex', alignItems: 'center', gap: '4px' },
  status: { color: 'inherit' },
});

/** Where the state of a task leads: to its job, or to its own run when it ran alone. */
function progressPath(task: StatusTask): string | null {
  if (task.job_id) return `/admin/system/status/jobs/${task.job_id}${task.last_run_id ? `?run=${task.last_run_id}` : ''}`;
  return task.last_run_id ? `/admin/system/status/runs/${task.last_run_id}` : null;
}

function NameCell({ task }: { task: StatusTask }) {
  const link = useLinkStyles();
  const { id, display_name } = task.subject;
  return (
    <Link
      to={`/admin/system/status/tasks/${id}?name=${encodeURIComponent(display_name)}`}
      className={mergeClasses(link.root, link.strong)}
      title={texts.open_history(display_name)}
    >
      {display_name}
    </Link>
  );
}

function StateCell({ task }: { task: StatusTask }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const to = progressPath(task);
  const state = task.state === 'not_started' ? null : task.state;
  if (!to) return <RunStatus state={state} />;
  return (
    <Link
      to={to}
      className={mergeClasses(link.root, styles.status)}
      title={task.reason?.detail}
      aria-label={texts.open_progress(task.subject.display_name, state ? common.run_state[state] : common.not_started)}
    >
      <RunStatus state={state} />
    </Link>
  );
}

const kColumns: Column<StatusTask>[] = [
  { id: 'task', title: texts.column.task, width: 'minmax(200px, 2.4fr)', render: (t) => <NameCell task={t} /> },
  { id: 'status', title: texts.column.status, width: 'minmax(190px, 1.4fr)', render: (t) => <StateCell task={t} /> },
  { id: 'updated', title: texts.column.updated, width: 'minmax(120px, 1fr)', render: (t) => <RelativeTime at={t.updated_at} /> },
  { id: 'next', title: texts.column.next, width: 'minmax(120px, 1fr)', render: (t) => <UpcomingTime at={t.next_at} none={texts.no_next} /> },
];

const toneOf = (task: StatusTask): Tone => (task.state === 'not_started' ? 'none' : kRunTone[task.state]);

/** How many tasks are in which state, told by icon, number and word. */
function Counts({ tasks }: { tasks: StatusTask[] }) {
  const styles = useStyles();
  const states = [...new Set(tasks.map((t) => t.state))];
  return (
    <ul className={styles.counts}>
      {states.map((state) => {
        const members = tasks.filter((t) => t.state === state);
        return (
          <li key={state} className={styles.count}>
            <StatusIcon tone={toneOf(members[0]!)} />
            {formatNumber(members.length)} {state === 'not_started' ? common.not_started : common.run_state[state]}
          </li>
        );
      })}
    </ul>
  );
}

export function StatusGroup({ group }: { group: SystemStatus['groups'][number] }) {
  const styles = useStyles();
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section className={styles.root} aria-label={group.title}>
      <div className={styles.head}>
        <h2 className={styles.heading}>
          <Button
            appearance="subtle"
            className={styles.toggle}
            icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
            aria-expanded={open}
            aria-controls={id}
            title={open ? texts.collapse(group.title) : texts.expand(group.title)}
            onClick={() => setOpen(!open)}
          >
            {texts.group(group.title, group.tasks.length)}
          </Button>
        </h2>
        <Counts tasks={group.tasks} />
      </div>
      <div id={id} hidden={!open}>
        <DataList
          label={group.title}
          columns={kColumns}
          items={group.tasks}
          error={null}
          onRetry={() => {}}
          id={(t) => `${t.kind} ${t.subject.id}`}
          name={(t) => t.subject.display_name}
          empty={<EmptyState title={texts.group_empty} />}
        />
      </div>
    </section>
  );
}
