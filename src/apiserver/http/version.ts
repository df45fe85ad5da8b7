import { SCHEMA_VERSION } from '../../api/schema/schema.ts';

const [major = '', minor = ''] = SCHEMA_VERSION.slice(1).split('.');

/** `/version` */
export const VERSION = {
  major,
  minor,
  emulationMajor: major,
  emulationMinor: minor,
  minCompatibilityMajor: major,
  minCompatibilityMinor: String(Number(minor) - 1),
  gitVersion: SCHEMA_VERSION,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-06-01T00:00:00Z',
  goVersion: 'go1.26.0',
  compiler: 'gc',
  platform: 'linux/amd64',
};
