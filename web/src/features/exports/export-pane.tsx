import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useConnectionTypes } from '../../api/connection-types';
import { ErrorState } from '../../components/error-state';
import { Pane, PaneContent } from '../../components/pane';
import { texts as common } from '../../lib/texts';
import { useExport, useExportableTables, useUsableConnections } from './api';
import { ExportForm } from './export-form';
import { texts } from './texts';

function useClose() {
  const navigate = useNavigate();
  return () => void navigate({ pathname: '/data/exports', search: window.location.pathname.endsWith('/new') ? '' : window.location.search });
}

interface WaitingProps {
  title: string;
  /** What the form needs; the first that failed is shown. */
  queries: { data: unknown; error: unknown; refetch: () => unknown }[];
  onClose: () => void;
}

function Waiting({ title, queries, onClose }: WaitingProps) {
  const broken = queries.find((q) => q.error && !q.data);
  return (
    <PaneContent title={title} onClose={onClose} footer={<Button onClick={onClose}>{texts.close}</Button>}>
      {broken ? (
        <ErrorState error={broken.error} onRetry={() => void broken.refetch()} />
      ) : (
        <Spinner label={common.loading} style={{ marginTop: 48 }} />
      )}
    </PaneContent>
  );
}

export function NewExportPane() {
  const close = useClose();
  const [params] = useSearchParams();
  const types = useConnectionTypes();
  const usable = useUsableConnections({ enabled: true });
  const tables = useExportableTables();
  const wanted = params.get('connection_id');
  const chosen = usable.data?.find((c) => c.id === wanted);
  // One that was added a moment ago is not in the list from before.
  const waiting = wanted !== null && !chosen && usable.isFetching;
  return (
    <Pane size="wide" onClose={close}>
      {types.data && usable.data && tables.data && !waiting ? (
        <ExportForm
          types={types.data}
          usable={usable.data}
          tables={tables.data}
          first={{ connection_id: chosen?.id, table: params.get('table') ?? undefined }}
          onClose={close}
        />
      ) : (
        <Waiting title={texts.pane_new} queries={[types, usable, tables]} onClose={close} />
      )}
    </Pane>
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
  return (
    <Pane size="wide" onClose={close}>
      {types.data && stored.data && tables.data && (usable.data || !mayEdit) ? (
        <ExportForm
          key={`${id} ${stored.data.version}`}
          types={types.data}
          usable={usable.data ?? []}
          tables={tables.data}
          stored={stored.data}
          onClose={close}
          onReload={() => void stored.refetch()}
        />
      ) : (
        <Waiting title={texts.pane_edit} queries={[types, stored, usable, tables]} onClose={close} />
      )}
    </Pane>
  );
}
