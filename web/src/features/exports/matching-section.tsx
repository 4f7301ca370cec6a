import { makeStyles } from '@fluentui/react-components';
import { FieldForm } from '../../components/field-form';
import { FormSection } from '../../components/form-section';
import { AttributeRows } from './attribute-rows';
import { FreeRows } from './free-rows';
import { isMatchingField, mappingOf, rulesOf } from './mapping';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const useStyles = makeStyles({ narrow: { maxWidth: '480px' } });

/** Data matching (EXP-34 to EXP-38): the key identifier where there is one, then what goes where. */
export function MatchingSection({ state, readOnly }: { state: ExportDraftState; readOnly: boolean }) {
  const styles = useStyles();
  const { free } = rulesOf(state.type);
  const fields = state.fields.filter((field) => isMatchingField(state.type, field.name));
  const form = fields.length > 0 && (
    <div className={styles.narrow}>
      <FieldForm
        fields={fields.map((field) => (field.name === 'key_identifier' ? { ...field, title: texts.choose_key } : field))}
        values={state.draft.values}
        onChange={state.changeValues}
        errors={state.errors.fields}
        disabled={readOnly}
        attributes={Object.keys(mappingOf(state.draft.rows)).map((name) => ({ value: name, title: name }))}
      />
    </div>
  );
  return (
    <FormSection title={texts.matching} line={free ? texts.matching_line_free : texts.matching_line}>
      {!free && form}
      {free ? <FreeRows state={state} readOnly={readOnly} /> : <AttributeRows state={state} readOnly={readOnly} />}
      {free && form}
    </FormSection>
  );
}
