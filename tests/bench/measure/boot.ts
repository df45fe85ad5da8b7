// node boot.ts <bundle> : the CPU that a lab's worker needs from nothing to its first Ready node.
import { pathToFileURL } from 'node:url';
import type { boot as Boot } from './boot-entry.ts';
import { report } from './report.ts';

// Browsers have their cryptography already; Node loads it when it is first asked for.
globalThis.crypto.getRandomValues(new Uint8Array(1));
const start = process.cpuUsage();
const { boot } = (await import(pathToFileURL(process.argv[2]!).href)) as { boot: typeof Boot };
boot();
const { user, system } = process.cpuUsage(start);
report({ cpuMs: (user + system) / 1_000 });
