import { Button, Field, Input, makeStyles, Spinner } from '@fluentui/react-components';
import { useState } from 'react';
import { useForm, Controller, useWatch } from 'react-hook-form';
import type { Column, Segment } from '../../api/types';
import { FormSection, RequiredNote } from '../../components/form-section';
import { useNotify } from '../../components/notify';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { useDebounced } from '../../lib/hooks';
import { errorAt, Problem, toProblem } from '../../lib/problem';
import { usePreview, useSaveSegment } from './api';
import { fromRule, isComplete, newRule, toRule, type RuleDraft } from './rule';
import { RuleBuilder } from './rule-builder';
import { RulePreview } from './rule-preview';
import { texts } from './texts';

const useStyles = makeStyles({ narrow: { maxWidth: '480px' } });

interface Draft {
  display_name: string;
  rule: RuleDraft;
}

interface Props {
  columns: Column[];
  segment?: Segment;
  title: string;
  onClose: () => void;
}

export function RuleForm({ columns, segment, title, onClose }: Props) {
  const styles = useStyles();
  const notify = useNotify();
  const save = useSaveSegment();
  const [done, setDone] = useState(false);
  const form = useForm<Draft>({
    defaultValues: {
      display_name: segment?.display_name ?? '',
      rule: segment?.rule ? fromRule(segment.rule, columns) : newRule(),
    },
  });
  const draft = useWatch({ control: form.control }) as Draft;
  const guard = useUnsavedGuard(form.formState.isDirty && !done);

  const complete = isComplete(draft.rule, columns);
  const text = complete ? JSON.stringify(toRule(draft.rule, columns)) : '';
  const settled = useDebounced(text, 400);
  const preview = usePreview(settled ? JSON.parse(settled) : null);

  const refusal = save.error ? toProblem(save.error) : null;
  const previewRefusal = preview.error instanceof Problem ? preview.error : null;
  const errors = [...(refusal?.errors ?? []), ...(previewRefusal?.errors ?? [])];
  const name = draft.display_name.trim();
  const nameProblem = errorAt(refusal, '/display_name');
  const elsewhere = [refusal, previewRefusal].find((p) => p && p.errors.length === 0);

  const submit = () => {
    const rule = toRule(draft.rule, columns);
    save.mutate(
      segment ? { update: { display_name: name, rule }, segment } : { create: { display_name: name, kind: 'rule', rule } },
      {
        onSuccess: () => {
          notify.success(segment ? texts.saved(name) : texts.added(name));
          setDone(true);
          guard.leave(onClose);
        },
      },
    );
  };

  return (
    <PaneContent
      title={title}
      line={texts.pane_line}
      onClose={onClose}
      footer={
        <>
          <Button
            appearance="primary"
            disabled={!complete || name === '' || save.isPending || (segment !== undefined && !form.formState.isDirty)}
            icon={save.isPending ? <Spinner size="tiny" /> : undefined}
            onClick={submit}
          >
            {texts.save}
          </Button>
          <Button onClick={onClose}>{texts.cancel}</Button>
        </>
      }
    >
      {elsewhere && (
        <ProblemMessage problem={elsewhere.status === 412 ? new Problem(412, { ...elsewhere.extras, detail: texts.stale }) : elsewhere} />
      )}
      <RequiredNote />
      <FormSection>
        <Controller
          name="display_name"
          control={form.control}
          render={({ field }) => (
            <Field
              className={styles.narrow}
              label={texts.display_name}
              required
              validationMessage={nameProblem}
              validationState={nameProblem ? 'error' : 'none'}
            >
              <Input value={field.value} autoComplete="off" maxLength={100} onChange={(_, data) => field.onChange(data.value)} />
            </Field>
          )}
        />
      </FormSection>
      <FormSection title={texts.match_title}>
        <Controller
          name="rule"
          control={form.control}
          render={({ field }) => <RuleBuilder rule={field.value} columns={columns} errors={errors} onChange={field.onChange} />}
        />
      </FormSection>
      <FormSection title={texts.preview}>
        <RulePreview preview={preview.data} counting={preview.isFetching || settled !== text} complete={complete && !previewRefusal} />
      </FormSection>
      {guard.dialog}
    </PaneContent>
  );
}
