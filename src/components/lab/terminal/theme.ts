import type { ITheme } from '@xterm/xterm';

const DARK: ITheme = {
  background: '#17181c',
  foreground: '#e4e6eb',
  cursor: '#e4e6eb',
  cursorAccent: '#17181c',
  selectionBackground: '#3d4657',
  red: '#ff8f86',
  green: '#7ed492',
  yellow: '#e8c26a',
  blue: '#8ab4f8',
  magenta: '#d3a4f9',
  cyan: '#76d4d6',
};

const LIGHT: ITheme = {
  background: '#f6f7f9',
  foreground: '#23262f',
  cursor: '#23262f',
  cursorAccent: '#f6f7f9',
  selectionBackground: '#c9d6ee',
  red: '#b3261e',
  green: '#1a6b34',
  yellow: '#7a5300',
  blue: '#1d4ed8',
  magenta: '#7a2fb8',
  cyan: '#0b6469',
};

/** The terminal's colours for the page's theme. */
export const terminalTheme = (): ITheme => (document.documentElement.dataset['theme'] === 'light' ? LIGHT : DARK);
