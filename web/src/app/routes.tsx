import { createBrowserRouter, Navigate, redirect, type RouteObject } from 'react-router';
import { RouteError } from './route-error';
import { Root } from './root';
import { Splash } from './splash';

// Every page is its own file for the browser; somebody who signs in loads the sign-in page and nothing else.

const signedIn: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('../features/home/home-page')).HomePage }) },
  {
    path: 'data/tables',
    lazy: async () => ({ Component: (await import('../features/tables/tables-page')).TablesPage }),
    children: [{ path: 'import', lazy: async () => ({ Component: (await import('../features/tables/import-pane')).ImportPane }) }],
  },
  {
    path: 'data/tables/:name/:tab?',
    lazy: async () => ({ Component: (await import('../features/tables/table-page')).TablePage }),
  },
  {
    path: 'data/segments',
    lazy: async () => ({ Component: (await import('../features/segments/segments-page')).SegmentsPage }),
    children: [
      { path: 'new', lazy: async () => ({ Component: (await import('../features/segments/rule-pane')).NewRulePane }) },
      { path: 'import', lazy: async () => ({ Component: (await import('../features/segments/list-pane')).ListPane }) },
      { path: ':id/edit', lazy: async () => ({ Component: (await import('../features/segments/rule-pane')).EditRulePane }) },
    ],
  },
  {
    path: 'data/segments/:id',
    lazy: async () => ({ Component: (await import('../features/segments/segment-page')).SegmentPage }),
  },
  {
    path: 'data/exports',
    lazy: async () => ({ Component: (await import('../features/exports/exports-page')).ExportsPage }),
    children: [
      { path: 'new', lazy: async () => ({ Component: (await import('../features/exports/export-pane')).NewExportPane }) },
      { path: 'schedule', lazy: async () => ({ Component: (await import('../features/schedules/export-schedule-pane')).ExportSchedulePane }) },
      { path: ':id', lazy: async () => ({ Component: (await import('../features/exports/export-pane')).EditExportPane }) },
    ],
  },
  { path: 'data/runs', lazy: async () => ({ Component: (await import('../features/runs/runs-page')).RunsPage }) },
  { path: 'data/runs/:id', lazy: async () => ({ Component: (await import('../features/runs/run-page')).RunPage }) },
  { path: 'help', lazy: async () => ({ Component: (await import('../features/help/help-page')).HelpIndexPage }) },
  { path: 'help/:type', lazy: async () => ({ Component: (await import('../features/help/help-page')).HelpPage }) },
  {
    path: 'admin/connections',
    lazy: async () => ({ Component: (await import('./needs-permission')).ConnectionsGate }),
    children: [
      { index: true, element: <Navigate to="discover" replace /> },
      {
        path: ':tab',
        lazy: async () => ({ Component: (await import('../features/connections/connections-page')).ConnectionsPage }),
        children: [
          {
            path: 'new/:type',
            lazy: async () => ({ Component: (await import('../features/connections/connection-pane')).NewConnectionPane }),
          },
          {
            path: ':id',
            lazy: async () => ({ Component: (await import('../features/connections/connection-pane')).EditConnectionPane }),
          },
        ],
      },
    ],
  },
  {
    path: 'admin/system',
    lazy: async () => ({ Component: (await import('../features/system/system-page')).SystemPage }),
    children: [
      { index: true, element: <Navigate to="status" replace /> },
      {
        path: 'status',
        lazy: async () => ({ Component: (await import('../features/system/status-tab')).StatusTab }),
        children: [
          { path: 'jobs/:jobId/:runId?', lazy: async () => ({ Component: (await import('../features/system/progress-pane')).JobPane }) },
          { path: 'runs/:runId', lazy: async () => ({ Component: (await import('../features/system/progress-pane')).TaskPane }) },
          { path: 'tasks/:subjectId', lazy: async () => ({ Component: (await import('../features/system/progress-pane')).HistoryPane }) },
        ],
      },
      { path: 'schedule', lazy: async () => ({ Component: (await import('../features/schedules/system-schedule-tab')).SystemScheduleTab }) },
      {
        lazy: async () => ({ Component: (await import('./needs-permission')).SystemGate }),
        children: [{ path: 'notifications', lazy: async () => ({ Component: (await import('../features/notices/settings-tab')).NoticeSettingsTab }) }],
      },
      { path: 'about', lazy: async () => ({ Component: (await import('../features/system/about-tab')).AboutTab }) },
    ],
  },
  {
    lazy: async () => ({ Component: (await import('./needs-permission')).AuditGate }),
    children: [{ path: 'admin/audit', lazy: async () => ({ Component: (await import('../features/audit/audit-page')).AuditPage }) }],
  },
  { path: 'admin', loader: () => redirect('/admin/connections') },
  { path: 'data', loader: () => redirect('/data/exports') },
  { path: '*', lazy: async () => ({ Component: (await import('./not-found')).NotFoundPage }) },
];

export const routes: RouteObject[] = [
  {
    Component: Root,
    HydrateFallback: Splash,
    children: [
      {
        path: 'sign-in',
        lazy: async () => ({ Component: (await import('../features/session/sign-in-page')).SignInPage }),
        ErrorBoundary: RouteError,
      },
      {
        lazy: async () => ({ Component: (await import('./session-gate')).SessionGate }),
        ErrorBoundary: RouteError,
        children: [
          {
            lazy: async () => ({ Component: (await import('./shell')).Shell }),
            children: [{ ErrorBoundary: RouteError, children: signedIn }],
          },
        ],
      },
    ],
  },
];

export const newRouter = () => createBrowserRouter(routes);
