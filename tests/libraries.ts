import { provideLibraries } from '../src/cluster/libraries.ts';

// Tests of one room make no cluster, which would bring them.
provideLibraries();
