import { makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { Controller } from 'react-hook-form';
import type { ConnectionType } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { takesRows } from './mapping';
import { TablePicker } from './table-picker';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const useStyles = makeStyles({
  bar: { height: 'auto' },
  line: { margin: 0, color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  state: ExportDraftState;
  type: ConnectionType;
  readOnly: boolean;
}

/** What leaves: tables and segments, or segments only, with what the service says of their size. */
export function TablesSection({ state, type, readOnly }: Props) {
  const styles = useStyles();
  const { limits, errors } = state;
  const rows = takesRows(type);
  return (
    <FormSection title={rows ? texts.select_segments : texts.select_tables} line={rows ? texts.select_segments_line : texts.select_line}>
      <Controller
        name="tables"
        control={state.form.control}
        render={({ field }) => (
          <TablePicker
            tables={state.offered}
            segmentsOnly={rows}
            ticked={field.value}
            readOnly={readOnly}
            problem={errors.tables}
            notes={limits.rows}
            onChange={field.onChange}
          />
        )}
      />
      {limits.errors.map((text) => (
        <MessageBar key={text} intent="error" layout="multiline" className={styles.bar} role="alert">
          <MessageBarBody>{text}</MessageBarBody>
        </MessageBar>
      ))}
      {limits.warnings.map((text) => (
        <MessageBar key={text} intent="warning" layout="multiline" className={styles.bar} role="status">
          <MessageBarBody>{text}</MessageBarBody>
        </MessageBar>
      ))}
      {rows && type.limits?.duration && <p className={styles.line}>{texts.duration(type.limits.duration)}</p>}
    </FormSection>
  );
}
