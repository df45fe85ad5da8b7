// `npm run lint`: the checks that need no build and no browser.
import { check, report, staticChecks } from './checks/index.ts';

for (const each of staticChecks) await check(each);
report();
