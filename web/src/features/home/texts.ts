import { formatNumber } from '../../lib/format';

const counted = (n: number, one: string, many: string) => (n === 1 ? one : many).replace('#', formatNumber(n));

export const texts = {
  title: 'Home',
  hello: (name: string) => `Good to see you, ${name}`,
  line: (environment: string) => `What leaves ${environment}, and where it goes.`,
  export_data: 'Export data',
  steps_done: 'Everything is set up',
  state: { not_started: 'Not started', in_progress: 'In progress', done: 'Running' },
  step: {
    table: 'Import a Customer table',
    table_text: 'A CSV file with one row per customer.',
    connection: 'Set up a connection',
    connection_text: 'Where data may go, and who may use it.',
    connection_wait: 'An administrator sets up a connection and shares it.',
    export: 'Set up an export',
    export_text: 'What is sent through the connection.',
    run: 'Run it',
    run_text: 'And look at what has arrived.',
  },
  button: { table: 'Import table', connection: 'Add connections', export: 'Add export', run: 'Go to Exports' },
  done_text: 'Your exports go out with each refresh. Look at the latest runs below.',
  card: { tables: 'Tables', segments: 'Segments', connections: 'Connections', exports: 'Exports' },
  tables: (n: number) => counted(n, '# table', '# tables'),
  segments: (n: number) => counted(n, '# segment', '# segments'),
  connections: (n: number) => counted(n, '# connection', '# connections'),
  exports: (n: number) => counted(n, '# export', '# exports'),
  open: { tables: 'See tables', segments: 'See segments', connections: 'See connections', exports: 'See exports' },
  last_runs: 'Latest runs',
  no_runs: 'Nothing has run yet.',
  all_runs: 'All runs',
  kind: { export: 'Export', import: 'Import', segment: 'Segment' },
};
