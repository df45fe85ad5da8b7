import { SYSTEM_APPLETS } from '../shell/system-applets.ts';
import { NETWORK_APPLETS } from '../shell/network-applets.ts';
import { TEXT_APPLETS } from '../shell/text-applets.ts';
import { ARCHIVE_APPLETS } from '../shell/tar.ts';
import { asMain, type Applets } from '../shell/command.ts';
import { shellMain } from '../shell/shell-main.ts';
import type { Main } from '../process.ts';

/** Applets, each also as an executable, and a shell over them. */
export function executablesOf(
  applets: Applets,
  more: Readonly<Record<string, Main>> = {},
): Readonly<Record<string, Main>> {
  const shell = shellMain(applets);
  return {
    ...Object.fromEntries(Object.entries(applets).map(([name, applet]) => [name, asMain(applet)])),
    sh: shell,
    ash: shell,
    ...more,
  };
}

/** Everything of busybox. */
export const BUSYBOX_APPLETS: Applets = {
  ...TEXT_APPLETS,
  ...SYSTEM_APPLETS,
  ...ARCHIVE_APPLETS,
  ...NETWORK_APPLETS,
};

/** What Debian's slim images have: a shell and the core utilities, no network clients. */
export const CORE_APPLETS: Applets = { ...TEXT_APPLETS, ...SYSTEM_APPLETS, ...ARCHIVE_APPLETS };
