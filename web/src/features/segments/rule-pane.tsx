import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useParams } from 'react-router';
import type { Column, Segment } from '../../api/types';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { Pane } from '../../components/pane';
import { TablesPicture } from '../../components/pictures';
import { texts as common } from '../../lib/texts';
import { useCustomerTable, useSegment } from './api';
import { RuleForm } from './rule-form';
import { texts } from './texts';

function RulePane({ segment, error, retry, waiting }: { segment?: Segment; error?: unknown; retry?: () => void; waiting?: boolean }) {
  const navigate = useNavigate();
  const customer = useCustomerTable();
  const close = () => void navigate(segment ? `/data/segments/${segment.id}` : '/data/segments');
  const title = segment || waiting || error ? texts.pane_edit : texts.pane_new;
  const columns: Column[] | undefined = customer.data?.columns;

  if (columns && !waiting && !error) {
    return <RuleForm key={segment?.id ?? 'new'} columns={columns} segment={segment} title={title} onClose={close} />;
  }
  const broken = error ?? (customer.isError ? customer.error : undefined);
  return (
    <Pane title={title} size="wide" onClose={close} footer={<Button onClick={close}>{texts.cancel}</Button>}>
      {broken ? (
        <ErrorState error={broken} onRetry={retry ?? (() => void customer.refetch())} />
      ) : customer.data === null ? (
        <EmptyState
          picture={<TablesPicture />}
          title={texts.no_customer_title}
          actions={
            <Button appearance="primary" onClick={() => void navigate('/data/tables/import?name=Customer')}>
              {texts.import_customer}
            </Button>
          }
        >
          {texts.no_customer}
        </EmptyState>
      ) : (
        <Spinner label={common.loading} style={{ marginTop: 48 }} />
      )}
    </Pane>
  );
}

export function NewRulePane() {
  return <RulePane />;
}

export function EditRulePane() {
  const { id = '' } = useParams();
  const segment = useSegment(id);
  return <RulePane segment={segment.data} error={segment.data ? undefined : segment.error} retry={() => void segment.refetch()} waiting={segment.isPending} />;
}
