import { Button, Field, makeStyles, ProgressBar, Radio, RadioGroup, Spinner, tokens } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import type { Detected, ModelEntity, Upload } from '../../api/types';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { http } from '../../lib/http';
import { toProblem, type Problem } from '../../lib/problem';
import { uploadFile } from '../../lib/upload';
import { useModel } from './api';
import { fileAt, missingFile } from './model-files';
import { texts } from './texts';
import type { Preset } from './use-import-draft';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '16px', paddingTop: '8px' },
  note: { display: 'block', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  files: File[];
  onCancel: () => void;
  onOtherFile: () => void;
  onReady: (first: Upload, preset: Preset) => void;
}

/** A folder with model.json: which of its tables, and the sending of that table's files. */
export function ModelStep({ files, onCancel, onOtherFile, onReady }: Props) {
  const styles = useStyles();
  const modelFile = files.find((file) => file.name === 'model.json') as File;
  const model = useModel(modelFile);
  const [chosen, setChosen] = useState('');
  const [sending, setSending] = useState<{ text: string; part: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const reason = (entity: ModelEntity) => {
    const missing = missingFile(entity, modelFile, files);
    return entity.not_importable ?? (missing === undefined ? null : texts.model_missing(missing));
  };

  async function send(entity: ModelEntity) {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setProblem(null);
    try {
      const uploads: Upload[] = [];
      for (const [i, { location }] of entity.partitions.entries()) {
        const file = fileAt(location, modelFile, files) as File;
        const text = texts.model_uploading(location, i + 1, entity.partitions.length);
        const path = `/uploads?filename=${encodeURIComponent(file.name)}`;
        setSending({ text, part: 0 });
        uploads.push(await uploadFile<Upload>(path, file, (p) => setSending({ text, part: p.sent_bytes / Math.max(1, p.total_bytes) }), signal));
      }
      const [first] = uploads as [Upload];
      const format = { delimiter: entity.delimiter, has_header: entity.has_header };
      const detected = await http.post<Detected>(`/uploads/${first.id}/detect`, format, { signal });
      onReady({ ...first, detected }, { name: entity.name, columns: entity.columns, upload_ids: uploads.map((u) => u.id) });
    } catch (error) {
      if (!(error instanceof DOMException)) setProblem(toProblem(error));
      setSending(null);
    }
  }

  const entity = model.data?.entities.find((e) => e.name === chosen);
  return (
    <PaneContent
      title={texts.pane}
      line={model.data ? texts.model_line(model.data.name) : undefined}
      onClose={onCancel}
      footer={
        <>
          <Button appearance="primary" disabled={!entity || sending !== null} onClick={() => entity && void send(entity)}>
            {texts.next}
          </Button>
          <Button onClick={onOtherFile}>{texts.other_file}</Button>
          <Button onClick={onCancel}>{texts.cancel}</Button>
        </>
      }
    >
      <div className={styles.root}>
        {model.isPending && <Spinner />}
        {model.isError && <ProblemMessage problem={toProblem(model.error)} title={texts.model_unreadable} />}
        {problem && <ProblemMessage problem={problem} title={texts.start_failed} />}
        {model.data && (
          <Field label={texts.model_table} required>
            <RadioGroup value={chosen} disabled={sending !== null} onChange={(_, data) => setChosen(data.value)}>
              {model.data.entities.map((e) => (
                <Radio
                  key={e.name}
                  value={e.name}
                  disabled={reason(e) !== null}
                  label={
                    <>
                      {e.name} <span className={styles.note}>{reason(e) ?? texts.model_columns(e.columns.length)}</span>
                    </>
                  }
                />
              ))}
            </RadioGroup>
          </Field>
        )}
        {sending && (
          <Field validationMessage={sending.text} validationState="none">
            <ProgressBar thickness="large" aria-label={sending.text} value={sending.part} />
          </Field>
        )}
      </div>
    </PaneContent>
  );
}
