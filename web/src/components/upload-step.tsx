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

/** Takes a file by drop or dialog and sends it, showing how much has gone. */
export function UploadStep({ onUploaded }: { onUploaded: (upload: Upload) => void }) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const abort = useRef<AbortController | null>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; progress: UploadProgress } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

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
          void send(event.dataTransfer.files[0]);
        }}
      >
        <CloudArrowUpRegular className={styles.icon} />
        <p className={styles.title}>{texts.drop}</p>
        <Button appearance="primary" onClick={() => input.current?.click()}>
          {texts.choose_file}
        </Button>
        <p className={styles.note}>{texts.drop_line}</p>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={texts.choose_file}
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          onChange={(event) => void send(event.target.files?.[0])}
        />
      </div>
    </div>
  );
}
