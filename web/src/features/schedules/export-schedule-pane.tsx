import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useSearchParams } from 'react-router';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { Pane, PaneContent } from '../../components/pane';
import { texts as common } from '../../lib/texts';
import { useChosenExports } from './api';
import { ExportScheduleForm } from './export-schedule-form';
import { texts } from './texts';

/** Opened over the list of exports with the ids in the address: "/data/exports/schedule?ids=a,b". */
export function ExportSchedulePane() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const ids = [...new Set((params.get('ids') ?? '').split(',').filter(Boolean))];
  const queries = useChosenExports(ids);

  const close = () => {
    const rest = new URLSearchParams(params);
    rest.delete('ids');
    void navigate({ pathname: '/data/exports', search: rest.toString() });
  };

  const items = queries.map((q) => q.data).filter((item) => item !== undefined);
  const broken = queries.find((q) => q.error && !q.data);
  const ready = ids.length > 0 && items.length === ids.length;

  return (
    <Pane onClose={close}>
      {ready ? (
        <ExportScheduleForm
          key={items.map((item) => `${item.id} ${item.version}`).join(' ')}
          items={items}
          onClose={close}
          onReload={() => queries.forEach((q) => void q.refetch())}
        />
      ) : (
        <PaneContent title={texts.pane_title} onClose={close} footer={<Button onClick={close}>{texts.close}</Button>}>
          {ids.length === 0 ? (
            <EmptyState title={texts.nothing_selected} />
          ) : broken ? (
            <ErrorState error={broken.error} onRetry={() => void broken.refetch()} />
          ) : (
            <Spinner label={common.loading} style={{ marginTop: 48 }} />
          )}
        </PaneContent>
      )}
    </Pane>
  );
}
