import { Button, makeStyles, mergeClasses, ProgressBar, tokens } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import type { Upload } from '../api/types';
import { formatBytes } from '../lib/format';
import { toProblem, type Problem } from '../lib/problem';
import { texts } from '../lib/texts';
import { uploadFile, type UploadProgress } from '../lib/upload';
import { CloudArrowUpRegular } from './icons';
import { ProblemMessage } from './problem-message';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '12px', paddingTop: '8px' },
  drop: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: '8px',
    padding: '48px 24px',
    textAlign: 'center',
    border: `2px dashed ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  over: { border: `2px dashed ${tokens.colorCompoundBrandStroke}`, backgroundColor: tokens.colorBrandBackground2 },
  icon: { fontSize: '48px', color: tokens.colorBrandForeground1 },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  note: { margin: 0, maxWidth: '56ch', color: tokens.colorNeutralForeground2 },
  row: { display: 'flex', justifyContent: 'space-between', gap: '12px', fontVariantNumeric: 'tabular-nums' },
});

interface Props {
  onUploaded: (upload: Upload) => void;
  /** Takes a folder too, and gets its files when one of them is model.json. */
  onFolder?: (files: File[]) => void;
}

/** Takes a file by drop or dialog and sends it, showing how much has gone. */
export function UploadStep({ onUploaded, onFolder }: Props) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const abort = useRef<AbortController | null>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; progress: UploadProgress } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

  function take(list: FileList | null) {
    const files = [...(list ?? [])];
    if (onFolder && files.some((file) => file.name === 'model.json')) onFolder(files);
    else void send(files[0]);
  }

  async function send(file: File | undefined) {
    if (!file) return;
    abort.current = new AbortController();
    setProblem(null);
    setSending({ name: file.name, progress: { sent_bytes: 0, total_bytes: file.size } });
    try {
      const path = `/uploads?filename=${encodeURIComponent(file.name)}`;
      onUploaded(await uploadFile<Upload>(path, file, (progress) => setSending({ name: file.name, progress }), abort.current.signal));
    } catch (error) {
      if (!(error instanceof DOMException)) setProblem(toProblem(error));
      setSending(null);
    }
  }

  if (sending) {
    const { sent_bytes, total_bytes } = sending.progress;
    const complete = total_bytes > 0 && sent_bytes >= total_bytes;
    return (
      <div className={styles.root}>
        <div className={styles.row}>
          <span>{texts.uploading(sending.name)}</span>
          <span role="status">{complete ? texts.reading : texts.uploaded_part(formatBytes(sent_bytes), formatBytes(total_bytes))}</span>
        </div>
        <ProgressBar thickness="large" aria-label={texts.progress} value={complete || total_bytes === 0 ? undefined : sent_bytes / total_bytes} />
        <div>
          <Button onClick={() => abort.current?.abort()}>{texts.cancel_upload}</Button>
        </div>
      </div>
    );
  }

  return (
    <div className={styles.root}>
      {problem && <ProblemMessage problem={problem} title={texts.upload_failed} />}
      <div
        className={mergeClasses(styles.drop, over && styles.over)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files);
        }}
      >
        <CloudArrowUpRegular className={styles.icon} />
        <p className={styles.title}>{texts.drop}</p>
        <Button appearance="primary" onClick={() => input.current?.click()}>
          {texts.choose_file}
        </Button>
        <p className={styles.note}>{texts.drop_line}</p>
        {onFolder && (
          <>
            <Button appearance="subtle" onClick={() => folder.current?.click()}>
              {texts.choose_folder}
            </Button>
            <input
              ref={(element) => {
                folder.current = element;
                element?.setAttribute('webkitdirectory', '');
              }}
              type="file"
              hidden
              multiple
              aria-label={texts.choose_folder}
              onChange={(event) => take(event.target.files)}
            />
          </>
        )}
        <input
          ref={input}
          type="file"
          hidden
          aria-label={texts.choose_file}
          multiple={onFolder !== undefined}
          accept={onFolder ? '.csv,.tsv,.txt,.json,text/csv,text/plain' : '.csv,.tsv,.txt,text/csv,text/plain'}
          onChange={(event) => take(event.target.files)}
        />
      </div>
    </div>
  );
}
