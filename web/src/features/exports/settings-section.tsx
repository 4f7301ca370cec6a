import { makeStyles } from '@fluentui/react-components';
import type { ConnectionType } from '../../api/types';
import { FieldForm } from '../../components/field-form';
import { FormSection } from '../../components/form-section';
import { isMatchingField, mappingOf } from './mapping';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const useStyles = makeStyles({ narrow: { maxWidth: '480px' } });

interface Props {
  state: ExportDraftState;
  type: ConnectionType;
  readOnly: boolean;
  editing: boolean;
}

/** What the type asks of an export, except what belongs to the data matching. */
export function SettingsSection({ state, type, readOnly, editing }: Props) {
  const styles = useStyles();
  const fields = state.fields.filter((field) => !isMatchingField(type, field.name));
  if (fields.length === 0) return null;
  return (
    <FormSection title={type.columns ? texts.options : texts.options_other}>
      <div className={styles.narrow}>
        <FieldForm
          fields={fields}
          values={state.draft.values}
          onChange={state.changeValues}
          errors={state.errors.fields}
          disabled={readOnly}
          editing={editing}
          attributes={Object.keys(mappingOf(state.draft.rows)).map((name) => ({ value: name, title: name }))}
        />
      </div>
    </FormSection>
  );
}
