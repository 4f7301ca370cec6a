import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import type { ConnectionType, SharedWith } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { texts } from './texts';

interface Props {
  type: ConnectionType;
  value: SharedWith;
  onChange: (value: SharedWith) => void;
}

export function SharingSection({ type, value, onChange }: Props) {
  if (type.sharing_fixed) {
    return <FormSection title={texts.who} line={texts.who_fixed}>{null}</FormSection>;
  }
  return (
    <FormSection>
      <Field label={texts.who} required>
        <RadioGroup value={value} onChange={(_, data) => onChange(data.value as SharedWith)}>
          <Radio value="administrators" label={texts.shared_with.administrators} />
          <Radio value="contributors" label={texts.shared_with.contributors} />
        </RadioGroup>
      </Field>
    </FormSection>
  );
}
