import { quote } from '../../api/field-error.ts';

/** What Go's YAML says of a key that its mapping has already; lines count from 1. */
export const duplicateKey = (line: number, key: string): string => `line ${line}: key ${quote(key)} already set in map`;
