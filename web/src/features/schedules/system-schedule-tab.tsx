import { Button, makeStyles, mergeClasses, MessageBar, MessageBarBody, Skeleton, SkeletonItem, Spinner, Switch, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Link } from 'react-router';
import type { SystemSchedule } from '../../api/types';
import { ErrorState } from '../../components/error-state';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { ProblemMessage } from '../../components/problem-message';
import { StaleMessage } from '../../components/stale-message';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { formatDateTime, words } from '../../lib/format';
import { toProblem, type Problem } from '../../lib/problem';
import { texts as common } from '../../lib/texts';
import { useSaveSystemSchedule, useSystemSchedule } from './api';
import { draftOf, ruleErrors, ruleOf, sameRule } from './rule';
import { RulePreview } from './rule-preview';
import { ScheduleEditor } from './schedule-editor';
import { texts } from './texts';
import { useRulePreview } from './use-rule-preview';

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: '16px',
    maxWidth: '760px',
    padding: '20px 24px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    marginBottom: '16px',
    '@media (max-width: 640px)': { padding: '16px' },
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: 0, color: tokens.colorNeutralForeground2 },
  bar: { height: 'auto' },
  foot: { display: 'flex', gap: '8px' },
  missed: { margin: 0, paddingLeft: '18px' },
});

const kRepeats = Object.entries(texts.repeats).map(([value, title]) => ({ value, title }));

const reasonText = (reason: string) => texts.missed_reason[reason] ?? (reason.includes(' ') ? reason : words(reason.replace(/^.*\./, '')));

function Form({ stored, onReload }: { stored: SystemSchedule; onReload: () => void }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const notify = useNotify();
  const saving = useSaveSystemSchedule();
  const [on, setOn] = useState(stored.is_on);
  const [rule, setRule] = useState(() => draftOf(stored.rule));
  const [problem, setProblem] = useState<Problem | null>(null);
  const readOnly = !stored.can.includes('update');
  const preview = useRulePreview(rule, on && !readOnly);
  const ruleChanged = stored.rule === null ? on : !sameRule(ruleOf(rule), stored.rule);
  const dirty = on !== stored.is_on || ruleChanged;
  const guard = useUnsavedGuard(dirty && !readOnly);
  const stale = problem?.status === 412;

  const save = () => {
    setProblem(null);
    saving.mutate(
      { is_on: on, rule: ruleOf(rule), version: stored.version },
      { onSuccess: () => notify.success(texts.system_saved), onError: (error) => setProblem(toProblem(error)) },
    );
  };

  return (
    <section className={styles.card} aria-labelledby="refresh-schedule">
      <h2 id="refresh-schedule" className={styles.title}>
        {texts.system_title}
      </h2>
      <p className={styles.line}>{texts.system_line}</p>
      {readOnly && <p className={styles.line}>{texts.admins_only}</p>}
      {stale && <StaleMessage onReload={onReload} />}
      {problem && !stale && problem.errors.length === 0 && <ProblemMessage problem={problem} />}
      <Switch label={`${texts.system_toggle}: ${on ? common.on : common.off}`} checked={on} disabled={readOnly} onChange={(_, data) => setOn(data.checked)} />
      {!on && <p className={styles.line}>{texts.system_off_line}</p>}
      <ScheduleEditor
        label={texts.repeat}
        recurrences={kRepeats}
        draft={rule}
        onChange={setRule}
        preview={preview}
        errors={ruleErrors(problem)}
        disabled={readOnly || !on}
      />
      {readOnly && on && stored.rule && <RulePreview preview={stored} zone={stored.rule.time_zone} />}
      {dirty && stored.own_schedules > 0 && (
        <MessageBar intent="warning" layout="multiline" className={styles.bar}>
          <MessageBarBody>
            {texts.own_schedules(stored.own_schedules)}{' '}
            <Link to="/data/exports" className={mergeClasses(link.root, link.inText)}>
              {texts.own_show}
            </Link>
          </MessageBarBody>
        </MessageBar>
      )}
      {!readOnly && (
        <div className={styles.foot}>
          <Button
            appearance="primary"
            disabled={!dirty || saving.isPending || stale || (on && !preview.valid)}
            icon={saving.isPending ? <Spinner size="tiny" /> : undefined}
            onClick={save}
          >
            {texts.save}
          </Button>
        </div>
      )}
      {guard.dialog}
    </section>
  );
}

function Missed({ items }: { items: SystemSchedule['missed'] }) {
  const styles = useStyles();
  if (items.length === 0) return null;
  return (
    <section className={styles.card} aria-labelledby="missed">
      <h2 id="missed" className={styles.title}>
        {texts.missed}
      </h2>
      <p className={styles.line}>{texts.missed_line}</p>
      <ul className={styles.missed}>
        {items.map((item) => (
          <li key={item.due_at}>
            <time dateTime={item.due_at}>{formatDateTime(item.due_at)}</time> – {reasonText(item.reason)}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function SystemScheduleTab() {
  const schedule = useSystemSchedule();
  if (schedule.isError && !schedule.data) return <ErrorState error={schedule.error} onRetry={() => void schedule.refetch()} />;
  if (!schedule.data) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} style={{ maxWidth: 760 }} /></Skeleton>;
  return (
    <>
      <Form key={schedule.data.version} stored={schedule.data} onReload={() => void schedule.refetch()} />
      <Missed items={schedule.data.missed} />
    </>
  );
}
