import { Field, Input, makeStyles, mergeClasses, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { Controller } from 'react-hook-form';
import { Link } from 'react-router';
import type { Export } from '../../api/types';
import { FormSection, RequiredNote } from '../../components/form-section';
import { useLinkStyles } from '../../components/link-styles';
import { SelectField } from '../../components/select-field';
import { TypeIcon } from '../../components/type-icon';
import { GuardSection } from './guard-section';
import { kAddConnectionPath } from './no-connection';
import { takesRows } from './mapping';
import { MatchingSection } from './matching-section';
import { ModeSection } from './mode-section';
import { RecentRuns } from './recent-runs';
import { SettingsSection } from './settings-section';
import { TablesSection } from './tables-section';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const useStyles = makeStyles({
  narrow: { maxWidth: '480px' },
  below: { alignSelf: 'flex-start' },
  message: { height: 'auto', marginBottom: '8px' },
});

interface Props {
  state: ExportDraftState;
  stored?: Export;
  readOnly: boolean;
  isAdmin: boolean;
}

function ConnectionField({ state, stored, readOnly }: Omit<Props, 'isAdmin'>) {
  const styles = useStyles();
  const { draft, errors, connections } = state;
  // A connection in use that this person may not choose anew stays visible by its name.
  const own = stored?.connection && !connections.some((c) => c.id === stored.connection?.id) ? [stored.connection] : [];
  return (
    <Field
      className={styles.narrow}
      label={texts.connection}
      required
      validationMessage={errors.connection}
      validationState={errors.connection ? 'error' : 'none'}
    >
      <SelectField
        value={draft.connection_id}
        placeholder={stored && !stored.connection ? texts.no_connection : texts.connection_placeholder}
        disabled={readOnly}
        choices={[...own, ...connections]
          .sort((a, b) => a.type_title.localeCompare(b.type_title) || a.display_name.localeCompare(b.display_name))
          .map((c) => ({ value: c.id, title: c.display_name, group: c.type_title, icon: <TypeIcon type={c.type} size={16} /> }))}
        onChange={state.chooseConnection}
      />
    </Field>
  );
}

export function PayloadPage({ state, stored, readOnly, isAdmin }: Props) {
  const styles = useStyles();
  const link = useLinkStyles();
  const { form, type, errors } = state;
  const rows = takesRows(type);
  return (
    <div>
      {stored?.needs_attention?.map((a) => (
        <MessageBar key={a.reason} intent="warning" layout="multiline" className={styles.message}>
          <MessageBarBody>{a.detail}</MessageBarBody>
        </MessageBar>
      ))}
      {!readOnly && <RequiredNote />}
      <FormSection>
        <ConnectionField state={state} stored={stored} readOnly={readOnly} />
        {isAdmin && !readOnly && (
          <Link to={kAddConnectionPath} className={mergeClasses(link.root, styles.below)}>
            + {texts.add_connection}
          </Link>
        )}
        <Controller
          name="display_name"
          control={form.control}
          render={({ field }) => (
            <Field
              className={styles.narrow}
              label={texts.display_name}
              required
              validationMessage={errors.display_name}
              validationState={errors.display_name ? 'error' : 'none'}
            >
              <Input
                value={field.value}
                disabled={readOnly}
                autoComplete="off"
                placeholder={texts.display_name_placeholder}
                onChange={(_, data) => field.onChange(data.value)}
              />
            </Field>
          )}
        />
      </FormSection>
      {type && !rows && <TablesSection state={state} type={type} readOnly={readOnly} />}
      {type && <SettingsSection state={state} type={type} readOnly={readOnly} editing={stored !== undefined} />}
      {type && rows && (
        <>
          <MatchingSection state={state} readOnly={readOnly} />
          <TablesSection state={state} type={type} readOnly={readOnly} />
          <ModeSection
            type={type}
            value={state.draft.mode}
            readOnly={readOnly}
            problem={errors.mode}
            onChange={(mode) => form.setValue('mode', mode, { shouldDirty: true })}
          />
        </>
      )}
      {type && (
        <Controller
          name="guard"
          control={form.control}
          render={({ field }) => (
            <GuardSection value={field.value} mode={rows ? state.draft.mode : undefined} readOnly={readOnly || !isAdmin} onChange={field.onChange} />
          )}
        />
      )}
      {stored && <RecentRuns exportId={stored.id} />}
    </div>
  );
}
