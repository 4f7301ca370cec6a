import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useParams } from 'react-router';
import type { Segment } from '../../api/types';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { Pane, PaneContent } from '../../components/pane';
import { TablesPicture } from '../../components/pictures';
import { texts as common } from '../../lib/texts';
import { useCustomerTable, useSegment } from './api';
import { RuleForm } from './rule-form';
import { texts } from './texts';

interface Props {
  title: string;
  segment?: Segment;
  /** The segment to edit is not there yet, or cannot be loaded. */
  waiting?: { error: unknown; retry: () => void };
}

function RulePane({ title, segment, waiting }: Props) {
  const navigate = useNavigate();
  const customer = useCustomerTable();
  const close = () => void navigate(segment ? `/data/segments/${segment.id}` : '/data/segments');

  const content = () => {
    if (customer.data && !waiting) {
      return <RuleForm columns={customer.data.columns} segment={segment} title={title} onClose={close} />;
    }
    const error = waiting?.error ?? customer.error;
    return (
      <PaneContent title={title} onClose={close} footer={<Button onClick={close}>{texts.cancel}</Button>}>
        {error ? (
          <ErrorState error={error} onRetry={waiting?.retry ?? (() => void customer.refetch())} />
        ) : customer.data === null ? (
          <NoCustomerTable />
        ) : (
          <Spinner label={common.loading} style={{ marginTop: 48 }} />
        )}
      </PaneContent>
    );
  };

  return (
    <Pane size="wide" onClose={close}>
      {content()}
    </Pane>
  );
}

function NoCustomerTable() {
  const navigate = useNavigate();
  return (
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
  );
}

export function NewRulePane() {
  return <RulePane title={texts.pane_new} />;
}

export function EditRulePane() {
  const { id = '' } = useParams();
  const segment = useSegment(id);
  return (
    <RulePane
      title={texts.pane_edit}
      segment={segment.data}
      waiting={segment.data ? undefined : { error: segment.error, retry: () => void segment.refetch() }}
    />
  );
}
