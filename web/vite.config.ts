import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.SLUICE_URL ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: { '/api': { target: server, changeOrigin: false } } },
  build: {
    target: 'es2022',
    // The server's content security policy forbids inline code, so nothing may be inlined into index.html.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        // React, the router and the query cache change rarely: one file that stays in the browser's cache over releases.
        manualChunks: (id) =>
          /node_modules\/(react|react-dom|scheduler|react-router|@tanstack)\//.test(id) ? 'vendor' : undefined,
      },
    },
  },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    css: false,
    testTimeout: 60_000,
    // The component kit is thousands of modules: bundled once, each test file loads it in one go.
    deps: { optimizer: { web: { enabled: true, include: ['@fluentui/react-components', '@tanstack/react-query', 'react-router', 'react-hook-form'] } } },
    pool: 'threads',
    poolOptions: { threads: { maxThreads: 2, minThreads: 1 } },
  },
});
