import { Button, Checkbox, Field, Input, makeStyles, MessageBar, MessageBarBody, Spinner, tokens } from '@fluentui/react-components';
import type { Run, Table, Upload } from '../../api/types';
import { FormSection, RequiredNote } from '../../components/form-section';
import { DocumentRegular } from '../../components/icons';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { RowsGrid } from '../../components/rows-grid';
import { SelectField } from '../../components/select-field';
import { formatBytes } from '../../lib/format';
import { ColumnsEditor } from './columns-editor';
import { FormatFields } from './format-fields';
import { texts } from './texts';
import { useImportDraft, type Preset } from './use-import-draft';

const useStyles = makeStyles({
  file: { display: 'flex', alignItems: 'center', gap: '10px', padding: '8px 0', flexWrap: 'wrap' },
  icon: { fontSize: '28px', color: tokens.colorBrandForeground1, flexShrink: 0 },
  fileName: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  note: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  grow: { flexGrow: 1 },
  two: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(260px, 100%), 1fr))', gap: '16px', alignItems: 'start' },
  bar: { height: 'auto' },
});

interface Props {
  upload: Upload;
  preset?: Preset;
  wantedName?: string;
  onCancel: () => void;
  onOtherFile: () => void;
  onStarted: (started: { table: Table; run: Run }) => void;
}

export function CheckStep({ upload, preset, wantedName, onCancel, onOtherFile, onStarted }: Props) {
  const styles = useStyles();
  const state = useImportDraft(upload, preset, wantedName, onStarted);
  const { draft, detected, set } = state;
  const candidates = new Set(detected.key_candidates);
  const warnings = detected.warnings.map((w) => (typeof w === 'string' ? w : w.detail));

  return (
    <PaneContent
      title={texts.pane}
      onClose={onCancel}
      footer={
        <>
          <Button
            appearance="primary"
            disabled={!state.can_import || state.busy.starting || state.busy.detecting}
            icon={state.busy.starting ? <Spinner size="tiny" /> : undefined}
            onClick={state.start}
          >
            {texts.import_now}
          </Button>
          <Button onClick={onCancel}>{texts.cancel}</Button>
        </>
      }
    >
      <div className={styles.file}>
        <DocumentRegular className={styles.icon} />
        <div className={styles.grow}>
          <div className={styles.fileName}>{preset?.name ?? upload.filename}</div>
          <div className={styles.note}>{preset ? texts.files_of(preset.upload_ids.length) : texts.file_line(formatBytes(upload.bytes), detected.sampled_rows)}</div>
        </div>
        <Button size="small" onClick={onOtherFile}>
          {texts.other_file}
        </Button>
      </div>
      {state.problem && state.problem.errors.length === 0 && <ProblemMessage problem={state.problem} title={texts.start_failed} />}
      {warnings.map((warning) => (
        <MessageBar key={warning} intent="warning" layout="multiline" className={styles.bar}>
          <MessageBarBody>{warning}</MessageBarBody>
        </MessageBar>
      ))}
      <RequiredNote />
      <FormSection>
        <div className={styles.two}>
          <Field
            label={texts.name}
            required
            hint={texts.name_hint}
            validationMessage={state.errors.name}
            validationState={state.errors.name ? 'error' : 'none'}
          >
            <Input value={draft.name} autoComplete="off" spellCheck={false} onChange={(_, data) => set({ name: data.value })} />
          </Field>
          <Field
            label={texts.key_field}
            required
            hint={texts.key_hint}
            validationMessage={state.errors.key}
            validationState={state.errors.key ? 'error' : 'none'}
          >
            <SelectField
              value={draft.key}
              choices={[...draft.columns]
                .filter((c) => c.included)
                .sort((a, b) => Number(candidates.has(b.source)) - Number(candidates.has(a.source)))
                .map((c) => ({
                  value: c.source,
                  title: c.name,
                  group: candidates.has(c.source) ? texts.key_fitting : texts.key_others,
                }))}
              onChange={(key) => set({ key })}
            />
          </Field>
        </div>
        {state.existing && (
          <Field hint={texts.replace_hint}>
            <Checkbox
              label={texts.replace(state.existing.name)}
              required
              checked={draft.replace}
              onChange={(_, data) => set({ replace: data.checked === true })}
            />
          </Field>
        )}
      </FormSection>
      <FormSection title={texts.format}>
        <FormatFields detected={detected} busy={state.busy.detecting} onChange={state.detectAgain} />
      </FormSection>
      <FormSection title={texts.columns} line={texts.columns_line}>
        <ColumnsEditor detected={detected} columns={draft.columns} errors={state.errors.columns} onChange={(columns) => set({ columns })} />
      </FormSection>
      <FormSection title={texts.preview}>
        <RowsGrid label={texts.preview} size="small" data={{ columns: detected.columns.map((c) => c.name), rows: detected.preview }} />
      </FormSection>
    </PaneContent>
  );
}
