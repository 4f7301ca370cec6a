import { Button, Field, makeStyles, mergeClasses, MessageBar, MessageBarBody, Radio, RadioGroup, Spinner, Switch, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Link } from 'react-router';
import { usePermission } from '../../api/session';
import type { Export } from '../../api/types';
import { BatchResults } from '../../components/batch-results';
import { FormSection } from '../../components/form-section';
import { useLinkStyles } from '../../components/link-styles';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { StaleMessage } from '../../components/stale-message';
import { useSystemSchedule } from './api';
import { ruleErrors } from './rule';
import { ScheduleEditor } from './schedule-editor';
import { texts } from './texts';
import { differ, useScheduleDraft, type ScheduleDraftState } from './use-schedule-draft';

const useStyles = makeStyles({
  bar: { height: 'auto', marginBottom: '8px' },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
  below: { marginTop: '8px' },
  list: { margin: '8px 0 0', paddingLeft: '20px', maxHeight: '120px', overflowY: 'auto', color: tokens.colorNeutralForeground2 },
});

function WithSystem() {
  const styles = useStyles();
  const link = useLinkStyles();
  const isAdmin = usePermission('system_manage');
  const system = useSystemSchedule().data;
  if (!system) return null;
  const way = isAdmin && (
    <Link to="/admin/system/schedule" className={mergeClasses(link.root, link.inText)}>
      {texts.to_system}
    </Link>
  );
  if (system.is_on) return <p className={styles.note}>{texts.system_is(system.words[0] ?? '')} {way}</p>;
  return (
    <MessageBar intent="warning" layout="multiline" className={styles.bar}>
      <MessageBarBody>
        {texts.system_off} {way}
      </MessageBarBody>
    </MessageBar>
  );
}

/** What starts the exports, and the editor where that is a rule of their own. */
function Definition({ state, items, readOnly }: { state: ScheduleDraftState; items: Export[]; readOnly: boolean }) {
  const styles = useStyles();
  return (
    <>
      {!state.one && differ(items) && (
        <MessageBar intent="warning" layout="multiline" className={styles.bar}>
          <MessageBarBody>{texts.replaced}</MessageBarBody>
        </MessageBar>
      )}
      <Field label={texts.kind_label}>
        <RadioGroup value={state.kind} disabled={readOnly || !state.on} onChange={(_, data) => state.setKind(data.value as 'system' | 'own')}>
          {(['system', 'own'] as const).map((kind) => (
            <Radio key={kind} value={kind} label={(state.one ? texts.kind : texts.kind_many)[kind]} />
          ))}
        </RadioGroup>
      </Field>
      {state.kind === 'system' && state.on && <WithSystem />}
      {state.kind === 'own' && (
        <ScheduleEditor
          draft={state.rule}
          onChange={state.setRule}
          preview={state.preview}
          errors={ruleErrors(state.problem)}
          disabled={readOnly || !state.on}
        />
      )}
    </>
  );
}

interface Props {
  items: Export[];
  onClose: () => void;
  onReload: () => void;
}

export function ExportScheduleForm({ items, onClose, onReload }: Props) {
  const styles = useStyles();
  const [done, setDone] = useState(false);
  const state = useScheduleDraft(items, () => {
    setDone(true);
    guard.leave(onClose);
  });
  const readOnly = !items.some((item) => item.can.includes('update'));
  const guard = useUnsavedGuard(state.dirty && !readOnly && !done && !state.result);
  const { one, problem, result } = state;
  const stale = problem?.status === 412;
  const barred = items.filter((item) => !item.can.includes('update')).length;

  if (result) {
    return (
      <PaneContent title={texts.results} onClose={onClose} footer={<Button appearance="primary" onClick={onClose}>{texts.close}</Button>}>
        <BatchResults result={result} />
      </PaneContent>
    );
  }

  return (
    <PaneContent
      title={texts.pane_title}
      line={one ? texts.pane_line(one.display_name) : texts.pane_line_many}
      onClose={onClose}
      footer={
        <>
          {!readOnly && (
            <Button
              appearance="primary"
              disabled={!state.can_save || state.saving || stale}
              icon={state.saving ? <Spinner size="tiny" /> : undefined}
              onClick={state.save}
            >
              {texts.save}
            </Button>
          )}
          <Button onClick={onClose}>{readOnly ? texts.close : texts.cancel}</Button>
        </>
      }
    >
      {stale && <StaleMessage onReload={onReload} />}
      {problem && !stale && problem.errors.length === 0 && <ProblemMessage problem={problem} />}
      {readOnly && <p className={styles.note}>{texts.read_only}</p>}
      {one?.state === 'inactive' && (
        <MessageBar intent="info" layout="multiline" className={styles.bar}>
          <MessageBarBody>{texts.inactive}</MessageBarBody>
        </MessageBar>
      )}
      {!readOnly && barred > 0 && (
        <MessageBar intent="warning" layout="multiline" className={styles.bar}>
          <MessageBarBody>{texts.skipped_before(barred)}</MessageBarBody>
        </MessageBar>
      )}
      <FormSection>
        <div>
          <Switch
            label={one ? texts.run_one : texts.run_many(items.length)}
            checked={state.on}
            disabled={readOnly}
            onChange={(_, data) => state.setOn(data.checked)}
          />
          {!state.on && <p className={styles.note}>{one ? texts.off_note : texts.off_note_many}</p>}
          {!one && (
            <ul className={styles.list} aria-label={texts.which} tabIndex={0}>
              {items.map((item) => (
                <li key={item.id}>{item.display_name}</li>
              ))}
            </ul>
          )}
        </div>
      </FormSection>
      {!one && state.on && (
        <FormSection>
          <Field label={texts.keep_label} hint={state.keep ? texts.keep_hint : undefined}>
            <RadioGroup value={state.keep ? 'keep' : 'define'} disabled={readOnly} onChange={(_, data) => state.setKeep(data.value === 'keep')}>
              <Radio value="keep" label={texts.keep} />
              <Radio value="define" label={texts.define} />
            </RadioGroup>
          </Field>
        </FormSection>
      )}
      {state.defines && (one || state.on) && (
        <FormSection>
          <Definition state={state} items={items} readOnly={readOnly} />
        </FormSection>
      )}
      <MessageBar intent="info" layout="multiline" className={mergeClasses(styles.bar, styles.below)}>
        <MessageBarBody>{texts.spread}</MessageBarBody>
      </MessageBar>
      {guard.dialog}
    </PaneContent>
  );
}
