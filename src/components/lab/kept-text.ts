/** The reader's manifests, kept in this browser from one visit to the next. */
import { openDB, type IDBPDatabase } from 'idb';
import type { LabFile } from '../../lab/protocol.ts';

const STORE = 'manifests';

let database: Promise<IDBPDatabase> | undefined;

const open = (): Promise<IDBPDatabase> =>
  (database ??= openDB('k8s-cookbook', 1, { upgrade: (db) => void db.createObjectStore(STORE) }));

/** What was kept for a lab. Empty where the browser keeps nothing (private windows may refuse). */
export async function readKept(labId: string): Promise<readonly LabFile[]> {
  try {
    const kept: unknown = await (await open()).get(STORE, labId);
    return Array.isArray(kept) ? (kept as LabFile[]) : [];
  } catch {
    return [];
  }
}

/** Keeps the files of a lab; none to forget them. */
export async function keep(labId: string, files: readonly LabFile[]): Promise<void> {
  try {
    const db = await open();
    if (files.length === 0) await db.delete(STORE, labId);
    else await db.put(STORE, files, labId);
  } catch {
    // Nothing is lost but the convenience.
  }
}
