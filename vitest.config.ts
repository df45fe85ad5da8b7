import { defineConfig } from 'vitest/config';

/**
 * `unit`: everything that runs in Node alone. `conformance`: a running server, asked from outside. `e2e`: the built site
 * in a real browser, one file at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['tests/property-seed.ts', 'tests/libraries.ts'],
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/e2e/**', 'tests/recordings/**', 'tests/conformance/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['tests/conformance/**/*.test.ts'],
          globalSetup: 'tests/conformance/global-setup.ts',
          sequence: { concurrent: true },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
