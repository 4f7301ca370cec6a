import { FluentProvider, webLightTheme } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { createMemoryRouter, RouterProvider, type RouteObject } from 'react-router';
import { SessionProvider } from '../api/session';
import type { Permission, Role, Session } from '../api/types';
import { NotifyProvider } from '../components/notify';

const kPermissions: Record<Role, Permission[]> = {
  administrator: ['view', 'connections_manage', 'exports_edit', 'tables_edit', 'segments_edit', 'users_manage', 'system_manage', 'audit_view'],
  contributor: ['view', 'exports_edit', 'tables_edit', 'segments_edit'],
  viewer: ['view'],
};

export const sessionOf = (role: Role): Session => ({
  user: { id: 'u1', email: 'ada@example.org', display_name: 'Ada Lovelace', role },
  csrf: 'token',
  permissions: kPermissions[role],
  environment: { id: 'e1', display_name: 'Test' },
  version: '0.1.0',
});

interface Options {
  at?: string;
  role?: Role;
  routes?: RouteObject[];
}

/** Renders pages as the app does: theme, cache, router, session and toasts around them. */
export function renderPage(element: ReactNode, { at = '/', role = 'administrator', routes = [] }: Options = {}) {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter([{ path: '/*', element }, ...routes], { initialEntries: [at] });
  render(
    <FluentProvider theme={webLightTheme}>
      <QueryClientProvider client={cache}>
        <SessionProvider value={sessionOf(role)}>
          <NotifyProvider>
            <RouterProvider router={router} />
          </NotifyProvider>
        </SessionProvider>
      </QueryClientProvider>
    </FluentProvider>,
  );
  // Everything at once: the animations of the kit have no clock here.
  return { user: userEvent.setup({ delay: null, pointerEventsCheck: 0 }), router };
}
