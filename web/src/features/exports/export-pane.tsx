import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useConnectionTypes } from '../../api/connection-types';
import { ErrorState } from '../../components/error-state';
import { Pane } from '../../components/pane';
import { texts as common } from '../../lib/texts';
import { useExport, useExportableTables, useUsableConnections } from './api';
import { ExportForm } from './export-form';
import { texts } from './texts';

function useClose() {
  const navigate = useNavigate();
  return () => void navigate({ pathname: '/data/exports', search: window.location.pathname.endsWith('/new') ? '' : window.location.search });
}

function WaitingPane({ title, error, onRetry, onClose }: { title: string; error: unknown; onRetry: () => void; onClose: () => void }) {
  return (
    <Pane title={title} size="wide" onClose={onClose} footer={<Button onClick={onClose}>{texts.close}</Button>}>
      {error ? <ErrorState error={error} onRetry={onRetry} /> : <Spinner label={common.loading} style={{ marginTop: 48 }} />}
    </Pane>
  );
}

export function NewExportPane() {
  const close = useClose();
  const [params] = useSearchParams();
  const types = useConnectionTypes();
  const usable = useUsableConnections({ enabled: true });
  const tables = useExportableTables();
  if (!types.data || !usable.data || !tables.data) {
    const broken = [types, usable, tables].find((q) => q.error && !q.data);
    return <WaitingPane title={texts.pane_new} error={broken?.error} onRetry={() => void broken?.refetch()} onClose={close} />;
  }
  return (
    <ExportForm
      types={types.data}
      usable={usable.data}
      tables={tables.data}
      first={{
        connection_id: usable.data.find((c) => c.id === params.get('connection_id'))?.id,
        table: params.get('table') ?? undefined,
      }}
      onClose={close}
    />
  );
}

export function EditExportPane() {
  const { id = '' } = useParams();
  const close = useClose();
  const types = useConnectionTypes();
  const stored = useExport(id);
  const mayEdit = stored.data?.can.includes('update') ?? false;
  const usable = useUsableConnections({ enabled: mayEdit });
  const tables = useExportableTables();
  if (!types.data || !stored.data || (mayEdit && !usable.data) || !tables.data) {
    const broken = [types, stored, usable, tables].find((q) => q.error && !q.data);
    return <WaitingPane title={texts.pane_edit} error={broken?.error} onRetry={() => void broken?.refetch()} onClose={close} />;
  }
  return (
    <ExportForm
      key={`${id} ${stored.data.version}`}
      types={types.data}
      usable={usable.data ?? []}
      tables={tables.data}
      stored={stored.data}
      onClose={close}
      onReload={() => void stored.refetch()}
    />
  );
}
