import { Field, Input, makeStyles } from '@fluentui/react-components';
import { SelectField } from '../../components/select-field';
import { words } from '../../lib/format';
import type { ListState } from '../../lib/list-state';
import { useAuditEvents } from './api';
import { eventText } from './entry';
import { texts } from './texts';

const useStyles = makeStyles({
  root: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 240px) minmax(0, 200px) minmax(0, 160px) minmax(0, 160px)',
    gap: '8px 12px',
    margin: '12px 0',
    '@media (max-width: 800px)': { gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)' },
  },
  input: { minWidth: 0, width: '100%' },
});

/** The kinds are those that events are named after: "connection.updated". */
export function AuditFilters({ list }: { list: ListState }) {
  const styles = useStyles();
  const events = useAuditEvents().data ?? [];
  const kinds = [...new Set(events.map((event) => event.split('.')[0] ?? ''))].filter(Boolean).sort();
  return (
    <div role="group" aria-label={texts.filters} className={styles.root}>
      <Field label={texts.filter_event}>
        <SelectField
          value={list.filter('event')}
          choices={[{ value: '', title: texts.all_events }, ...events.map((event) => ({ value: event, title: eventText(event) }))]}
          onChange={(value) => list.setFilter('event', value)}
        />
      </Field>
      <Field label={texts.filter_kind}>
        <SelectField
          value={list.filter('object_kind')}
          choices={[{ value: '', title: texts.all_kinds }, ...kinds.map((kind) => ({ value: kind, title: words(kind) }))]}
          onChange={(value) => list.setFilter('object_kind', value)}
        />
      </Field>
      <Field label={texts.from}>
        <Input type="date" className={styles.input} value={list.filter('from')} max={list.filter('to') || undefined} onChange={(_, data) => list.setFilter('from', data.value)} />
      </Field>
      <Field label={texts.to}>
        <Input type="date" className={styles.input} value={list.filter('to')} min={list.filter('from') || undefined} onChange={(_, data) => list.setFilter('to', data.value)} />
      </Field>
    </div>
  );
}
