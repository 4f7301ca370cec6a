import { Button, Field, Input, makeStyles, Spinner } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Upload } from '../../api/types';
import { FormSection, RequiredNote } from '../../components/form-section';
import { useNotify } from '../../components/notify';
import { Pane, PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { RowsGrid } from '../../components/rows-grid';
import { SelectField } from '../../components/select-field';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { UploadStep } from '../../components/upload-step';
import { errorAt, toProblem } from '../../lib/problem';
import { useSaveSegment } from './api';
import { texts } from './texts';

const useStyles = makeStyles({ narrow: { maxWidth: '480px' }, file: { display: 'flex', gap: '12px', alignItems: 'center', flexWrap: 'wrap' } });

/** A segment whose members are a list of ids from somewhere else. */
export function ListPane() {
  const styles = useStyles();
  const navigate = useNavigate();
  const notify = useNotify();
  const save = useSaveSegment();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [name, setName] = useState('');
  const [column, setColumn] = useState('');
  const [done, setDone] = useState(false);
  const guard = useUnsavedGuard(upload !== null && !done);
  const close = () => void navigate('/data/segments');
  const problem = save.error ? toProblem(save.error) : null;

  const take = (uploaded: Upload) => {
    setUpload(uploaded);
    setColumn(uploaded.detected.key_candidates[0] ?? uploaded.detected.columns[0]?.name ?? '');
    setName((before) => before || uploaded.filename.replace(/\.[^.]*$/, '').replace(/[_-]+/g, ' '));
  };

  const submit = () =>
    upload &&
    save.mutate(
      { create: { display_name: name.trim(), kind: 'list', upload_id: upload.id, column } },
      {
        onSuccess: (segment) => {
          notify.success(texts.added(segment.display_name));
          setDone(true);
          guard.leave(() => void navigate(`/data/segments/${segment.id}`));
        },
      },
    );

  return (
    <Pane size="wide" onClose={close}>
      <PaneContent
        title={texts.list_pane}
        line={texts.list_pane_line}
        onClose={close}
        footer={
          <>
            {upload && (
              <Button
                appearance="primary"
                disabled={!name.trim() || !column || save.isPending}
                icon={save.isPending ? <Spinner size="tiny" /> : undefined}
                onClick={submit}
              >
                {texts.import_now}
              </Button>
            )}
            <Button onClick={close}>{texts.cancel}</Button>
          </>
        }
      >
        {problem && <ProblemMessage problem={problem} />}
        {!upload ? (
          <UploadStep onUploaded={take} />
        ) : (
          <>
            <RequiredNote />
            <FormSection>
              <div className={styles.file}>
                {texts.list_file(upload.filename, upload.detected.sampled_rows)}
                <Button size="small" onClick={() => setUpload(null)}>
                  {texts.other_file}
                </Button>
              </div>
              <Field
                className={styles.narrow}
                label={texts.display_name}
                required
                validationMessage={errorAt(problem, '/display_name')}
                validationState={errorAt(problem, '/display_name') ? 'error' : 'none'}
              >
                <Input value={name} maxLength={100} autoComplete="off" onChange={(_, data) => setName(data.value)} />
              </Field>
              <Field className={styles.narrow} label={texts.list_column} required>
                <SelectField
                  value={column}
                  choices={upload.detected.columns.map((c) => ({ value: c.name, title: c.name }))}
                  onChange={setColumn}
                />
              </Field>
            </FormSection>
            <FormSection title={texts.preview_file}>
              <RowsGrid
                label={texts.preview_file}
                size="small"
                data={{ columns: upload.detected.columns.map((c) => c.name), rows: upload.detected.preview }}
              />
            </FormSection>
          </>
        )}
        {guard.dialog}
      </PaneContent>
    </Pane>
  );
}
