import { createDarkTheme, createLightTheme, type BrandVariants, type Theme } from '@fluentui/react-components';
import { useCallback, useSyncExternalStore } from 'react';
import { useMediaQuery } from '../lib/hooks';

/** The blue of deep water. 80 carries white text with 6:1, 110 stands on the dark background with 5.3:1. */
const water: BrandVariants = {
  10: '#001321',
  20: '#001f31',
  30: '#002b40',
  40: '#00374f',
  50: '#00445e',
  60: '#00506d',
  70: '#005d7b',
  80: '#006c8b',
  90: '#267f9f',
  100: '#4594b3',
  110: '#5ea6c3',
  120: '#79b8d2',
  130: '#95cae0',
  140: '#b2dcee',
  150: '#cceaf8',
  160: '#e1f6ff',
};

const fonts = {
  fontFamilyBase: "'Segoe UI Variable Text', 'Segoe UI', -apple-system, BlinkMacSystemFont, Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif",
};

export const lightTheme: Theme = { ...createLightTheme(water), ...fonts };

export const darkTheme: Theme = {
  ...createDarkTheme(water),
  ...fonts,
  colorBrandForeground1: water[110],
  colorBrandForeground2: water[120],
  colorBrandForegroundLink: water[110],
  colorBrandForegroundLinkHover: water[120],
  colorBrandForegroundLinkPressed: water[100],
  colorBrandForegroundLinkSelected: water[110],
  colorCompoundBrandForeground1: water[110],
  colorCompoundBrandForeground1Hover: water[120],
  colorNeutralForeground2BrandHover: water[110],
  colorStatusDangerForeground1: '#f1808a',
};

export type ThemeChoice = 'system' | 'light' | 'dark';

const kKey = 'sluice.theme';
const listeners = new Set<() => void>();

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(kKey);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

/** What the person chose, and whether that means dark right now. Follows the system until something is chosen. */
export function useThemeChoice() {
  const choice = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    stored,
  );
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)');
  const choose = useCallback((next: ThemeChoice) => {
    try {
      if (next === 'system') localStorage.removeItem(kKey);
      else localStorage.setItem(kKey, next);
    } catch {
      // Storage may be switched off; the choice then lasts for no longer than the page.
    }
    listeners.forEach((l) => l());
  }, []);
  return { choice, choose, isDark: choice === 'dark' || (choice === 'system' && systemIsDark) };
}
