import { useState } from 'react';
import type { BatchResult } from '../../api/types';
import { BatchResultDialog } from '../../components/batch-results';
import { Command } from '../../components/command-bar';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { PlayCircleRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import { useRunAll } from './api';
import { texts } from './texts';

/** Starts every active export that is not switched off, after a question: it may be a lot that leaves. */
export function RunAll() {
  const notify = useNotify();
  const run = useRunAll();
  const [asking, setAsking] = useState(false);
  const [partly, setPartly] = useState<BatchResult | null>(null);

  const start = () =>
    run.mutate(undefined, {
      onSuccess: (result) => {
        if (result.failed > 0) setPartly(result);
        else notify.success(result.items.length > 0 ? texts.batch_done.run(result.succeeded) : texts.nothing_to_run);
      },
      onError: (error) => notify.failure(texts.run_all_failed, error),
      onSettled: () => setAsking(false),
    });

  return (
    <>
      <Command icon={<PlayCircleRegular />} onClick={() => setAsking(true)}>
        {texts.run_all}
      </Command>
      {asking && (
        <ConfirmDialog open title={texts.run_all_title} confirm={texts.run_all} busy={run.isPending} onClose={() => setAsking(false)} onConfirm={start}>
          {texts.run_all_body}
        </ConfirmDialog>
      )}
      {partly && <BatchResultDialog title={texts.batch_partly.run} result={partly} onClose={() => setPartly(null)} />}
    </>
  );
}
