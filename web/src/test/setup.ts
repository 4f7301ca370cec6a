import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/react';

// What comes, comes at once on a free machine; one that is busy with other work proves as much, later.
configure({ asyncUtilTimeout: 20_000 });

// jsdom lacks what the component kit asks of a browser.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
globalThis.IntersectionObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
} as unknown as typeof IntersectionObserver;
Element.prototype.scrollIntoView ??= () => {};
window.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener() {},
  removeEventListener() {},
})) as unknown as typeof window.matchMedia;
