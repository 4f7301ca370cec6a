import type { Table } from '../../api/types';
import { StatusCell, type Tone } from '../../components/status-cell';
import { texts } from './texts';

const kTone: Record<Table['state'], Tone> = { ready: 'success', importing: 'working', failed: 'danger' };

export function TableState({ table }: { table: Table }) {
  return (
    <StatusCell tone={kTone[table.state] ?? 'none'} title={table.error?.detail}>
      {texts.state[table.state] ?? table.state}
    </StatusCell>
  );
}
