import { Badge, Button, Field, Input, Link, makeStyles, Spinner } from '@fluentui/react-components';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import type { Connection, ConnectionType } from '../../api/types';
import { FieldForm } from '../../components/field-form';
import { FormSection, RequiredNote } from '../../components/form-section';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { TypeIcon } from '../../components/type-icon';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { ConsentSection } from './consent-section';
import { kMaxName, nameProblem } from './draft';
import { SharingSection } from './sharing-section';
import { StaleMessage } from './stale-message';
import { texts } from './texts';
import { useConnectionDraft } from './use-connection-draft';
import { VerifySection } from './verify-section';

const useStyles = makeStyles({
  column: { display: 'flex', flexDirection: 'column' },
  community: { marginBottom: '12px' },
});

interface Props {
  type: ConnectionType;
  title: string;
  connection?: Connection;
  onCancel: () => void;
  onSaved: (connection: Connection) => void;
  onReload?: () => void;
}

export function ConnectionForm({ type, title, connection, onCancel, onSaved, onReload }: Props) {
  const styles = useStyles();
  const [done, setDone] = useState(false);
  const state = useConnectionDraft(type, connection, (saved) => {
    setDone(true);
    guard.leave(() => onSaved(saved));
  });
  const guard = useUnsavedGuard(state.dirty && !done);
  const [nameLeft, setNameLeft] = useState(false);
  const { form, draft, problem, errors } = state;
  const isExport = type.serves.includes('export');
  const stale = problem?.status === 412;
  const nameMessage = errors.display_name ?? (nameLeft ? nameProblem(draft.display_name) : undefined);
  const elsewhere = problem && !stale && problem.errors.length === 0 && !errors.consent;

  const verify = type.verify !== 'none' && <VerifySection type={type} state={state} />;
  const consent = (
    <Controller
      name="agreed"
      control={form.control}
      render={({ field }) => (
        <ConsentSection type={type} connection={connection} agreed={field.value} onChange={field.onChange} problem={errors.consent} />
      )}
    />
  );

  return (
    <PaneContent
      title={title}
      icon={<TypeIcon type={type.id} size={28} />}
      line={
        <>
          {texts.pane_line}{' '}
          <Link href={type.help} target="_blank" inline>
            {texts.learn_more}
          </Link>
        </>
      }
      onClose={onCancel}
      footer={
        <>
          <Button
            appearance="primary"
            disabled={!state.can_save || state.busy.saving || state.busy.verifying || stale}
            icon={state.busy.saving ? <Spinner size="tiny" /> : undefined}
            onClick={state.save}
          >
            {texts.save}
          </Button>
          <Button onClick={onCancel}>{texts.cancel}</Button>
        </>
      }
    >
      <div className={styles.column}>
        {stale && connection && (
          <StaleMessage type={type} connection={connection} draft={draft} onReload={() => onReload?.()} onKeep={state.overwrite} />
        )}
        {elsewhere && <ProblemMessage problem={problem} />}
        {type.community && (
          <div className={styles.community}>
            <Badge appearance="outline" color="informative" size="small">
              {texts.community}
            </Badge>{' '}
            {texts.community_line}
          </div>
        )}
        <RequiredNote />
        <FormSection>
          <Controller
            name="display_name"
            control={form.control}
            render={({ field }) => (
              <Field
                label={texts.display_name}
                required
                hint={texts.display_name_hint}
                validationMessage={nameMessage}
                validationState={nameMessage ? 'error' : 'none'}
              >
                <Input
                  value={field.value}
                  maxLength={kMaxName + 20}
                  autoComplete="off"
                  placeholder={texts.display_name_placeholder(type.title)}
                  onChange={(_, data) => field.onChange(data.value)}
                  onBlur={() => setNameLeft(state.dirty)}
                />
              </Field>
            )}
          />
        </FormSection>
        <Controller
          name="sharing"
          control={form.control}
          render={({ field }) => <SharingSection type={type} value={field.value} onChange={field.onChange} />}
        />
        <FormSection title={texts.sign_in} line={texts.sign_in_line}>
          <Controller
            name="values"
            control={form.control}
            render={({ field }) => (
              <FieldForm
                fields={type.fields}
                values={field.value}
                onChange={field.onChange}
                errors={errors.fields}
                stored_secrets={state.stored}
                editing={connection !== undefined}
              />
            )}
          />
        </FormSection>
        {isExport ? verify : consent}
        {isExport ? consent : verify}
      </div>
      {guard.dialog}
    </PaneContent>
  );
}
