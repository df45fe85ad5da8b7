/** Signals that programs and runtimes use, by name, with their numbers on Linux. */
export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGWINCH: 28,
} as const;

export type Signal = keyof typeof SIGNALS;

/** `TERM`, `SIGTERM` or `15` → SIGTERM; undefined for what is no signal. */
export function signalNamed(text: string): Signal | undefined {
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (name in SIGNALS) return name as Signal;
  return (Object.keys(SIGNALS) as Signal[]).find((signal) => String(SIGNALS[signal]) === text);
}

/** Signals that end a process unless it handles them. */
export const isFatal = (signal: Signal): boolean =>
  signal !== 'SIGCHLD' && signal !== 'SIGCONT' && signal !== 'SIGSTOP' && signal !== 'SIGWINCH';
