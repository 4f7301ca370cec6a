import { Spinner } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { typeTitle, useConnectionTypes } from '../../api/connection-types';
import type { Connection } from '../../api/types';
import { ErrorState } from '../../components/error-state';
import { Pane, PaneContent } from '../../components/pane';
import { insidePath } from '../../lib/paths';
import { texts as common } from '../../lib/texts';
import { loadConnection, useConnection } from './api';
import { ConnectionForm } from './connection-form';
import { texts } from './texts';

/** Where the pane closes to: the tab below it with its search, or the page that asked for a new connection. */
function useWay() {
  const navigate = useNavigate();
  const { tab = 'discover' } = useParams();
  const [params] = useSearchParams();
  const returnTo = insidePath(params.get('return_to'));
  return {
    cancel: () => void navigate(returnTo ?? `/admin/connections/${tab}${window.location.search}`),
    saved: (connection: Connection) => {
      const list = connection.serves.includes('export') ? 'exports' : 'enrichments';
      void navigate(returnTo ? `${returnTo}?connection_id=${connection.id}` : `/admin/connections/${list}`);
    },
  };
}

interface WaitingProps {
  title: string;
  error: unknown;
  onRetry: () => void;
  onClose: () => void;
}

function Waiting({ title, error, onRetry, onClose }: WaitingProps) {
  return (
    <PaneContent title={title} onClose={onClose} footer={null}>
      {error ? <ErrorState error={error} onRetry={onRetry} /> : <Spinner label={common.loading} style={{ marginTop: 48 }} />}
    </PaneContent>
  );
}

export function NewConnectionPane() {
  const { type: id = '' } = useParams();
  const way = useWay();
  const types = useConnectionTypes();
  const type = types.data?.find((t) => t.id === id);
  const error = types.error ?? (types.data ? new Error(texts.unknown_type) : null);
  return (
    <Pane onClose={way.cancel}>
      {type ? (
        <ConnectionForm key={id} type={type} title={texts.pane_new(typeTitle(type))} onCancel={way.cancel} onSaved={way.saved} />
      ) : (
        <Waiting title={texts.title} error={error} onRetry={() => void types.refetch()} onClose={way.cancel} />
      )}
    </Pane>
  );
}

export function EditConnectionPane() {
  const { id = '' } = useParams();
  const way = useWay();
  const types = useConnectionTypes();
  const stored = useConnection(id);
  const [reloaded, setReloaded] = useState<Connection | null>(null);
  const connection = reloaded ?? stored.data;
  const type = types.data?.find((t) => t.id === connection?.type);
  const error = stored.error ?? types.error ?? (connection && types.data ? new Error(texts.unknown_type) : null);
  return (
    <Pane onClose={way.cancel}>
      {connection && type ? (
        <ConnectionForm
          key={`${connection.id} ${connection.version}`}
          type={type}
          connection={connection}
          title={texts.pane_edit(typeTitle(type))}
          onCancel={way.cancel}
          onSaved={way.saved}
          onReload={() => void loadConnection(id).then(setReloaded)}
        />
      ) : (
        <Waiting title={texts.title} error={error} onRetry={() => void stored.refetch()} onClose={way.cancel} />
      )}
    </Pane>
  );
}
