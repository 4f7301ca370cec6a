import { FluentProvider } from '@fluentui/react-components';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Outlet } from 'react-router';
import { keys } from '../api/keys';
import { Problem } from '../lib/problem';
import { darkTheme, lightTheme, useThemeChoice } from './theme';

function newCache(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        // A right was taken away meanwhile: ask who we are, and the page explains itself.
        if (error instanceof Problem && error.status === 403) void client.invalidateQueries({ queryKey: keys.session });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) => count < 2 && error instanceof Problem && (error.is_unreachable || error.status >= 502),
      },
    },
  });
  return client;
}

export function Root() {
  const { isDark } = useThemeChoice();
  const [cache] = useState(newCache);
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  }, [isDark]);
  return (
    <FluentProvider theme={isDark ? darkTheme : lightTheme}>
      <QueryClientProvider client={cache}>
        <Outlet />
      </QueryClientProvider>
    </FluentProvider>
  );
}
