import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Run, Table, Upload } from '../../api/types';
import { Pane, PaneContent } from '../../components/pane';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { UploadStep } from '../../components/upload-step';
import { CheckStep } from './check-step';
import { ImportStep } from './import-step';
import { ModelStep } from './model-step';
import { texts } from './texts';
import type { Preset } from './use-import-draft';

/** Three steps: the file, how it is understood, and the import itself. */
export function ImportPane() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [files, setFiles] = useState<File[] | null>(null);
  const [preset, setPreset] = useState<Preset | undefined>();
  const [started, setStarted] = useState<{ table: Table; run: Run } | null>(null);
  const guard = useUnsavedGuard(upload !== null && started === null);
  const close = () => void navigate('/data/tables');

  const content = () => {
    if (started) {
      return (
        <PaneContent
          key="import"
          title={texts.import_running(started.table.name)}
          onClose={close}
          footer={
            <>
              <Button appearance="primary" onClick={() => void navigate(`/data/tables/${started.table.name}`)}>
                {texts.open_table}
              </Button>
              <Button onClick={close}>{texts.done}</Button>
            </>
          }
        >
          <ImportStep first={started.run} name={started.table.name} />
        </PaneContent>
      );
    }
    if (upload) {
      return (
        <CheckStep
          key={upload.id}
          upload={upload}
          preset={preset}
          wantedName={params.get('name') ?? undefined}
          onCancel={close}
          onOtherFile={() => {
            setUpload(null);
            setFiles(null);
            setPreset(undefined);
          }}
          onStarted={setStarted}
        />
      );
    }
    if (files) {
      return (
        <ModelStep
          key="model"
          files={files}
          onCancel={close}
          onOtherFile={() => setFiles(null)}
          onReady={(first, known) => {
            setPreset(known);
            setUpload(first);
          }}
        />
      );
    }
    return (
      <PaneContent
        key="upload"
        title={texts.pane}
        line={texts.pane_line}
        onClose={close}
        footer={<Button onClick={close}>{texts.cancel}</Button>}
      >
        <UploadStep onUploaded={setUpload} onFolder={setFiles} />
      </PaneContent>
    );
  };

  return (
    <Pane size="wide" onClose={close}>
      {content()}
      {guard.dialog}
    </Pane>
  );
}
