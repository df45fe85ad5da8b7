/** The reader's manifests, kept in this browser from one visit to the next. */
import { openDB, type IDBPDatabase } from 'idb';
import type { LabFile } from '../../lab/protocol.ts';

const STORE = 'manifests';

/** What is kept of a lab: the files that differ from the lab's own. */
interface KeptText {
  readonly files: readonly LabFile[];
  /** What a button or a link had replaced. */
  readonly replaced: readonly LabFile[];
}

let database: Promise<IDBPDatabase> | undefined;

const open = (): Promise<IDBPDatabase> =>
  (database ??= openDB('k8s-cookbook', 1, { upgrade: (db) => void db.createObjectStore(STORE) }));

/** Stored data is input: an older release, or another page of this origin, may have written it. */
function filesIn(kept: unknown): readonly LabFile[] {
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((file: unknown): LabFile[] => {
    const { path, text } = (typeof file === 'object' && file !== null ? file : {}) as Record<string, unknown>;
    return typeof path === 'string' && typeof text === 'string' ? [{ path, text }] : [];
  });
}

/** What was kept for a lab. Empty where the browser keeps nothing (private windows may refuse). */
export async function readKept(instance: string): Promise<KeptText> {
  try {
    const kept: unknown = await (await open()).get(STORE, instance);
    const { files, replaced } = (Array.isArray(kept) ? { files: kept } : (kept ?? {})) as Record<string, unknown>;
    return { files: filesIn(files), replaced: filesIn(replaced) };
  } catch {
    return { files: [], replaced: [] };
  }
}

/** Keeps the text of a lab; forgets it where there is none. */
export async function keep(instance: string, text: KeptText): Promise<boolean> {
  try {
    const db = await open();
    if (text.files.length === 0 && text.replaced.length === 0) await db.delete(STORE, instance);
    else await db.put(STORE, text, instance);
    return true;
  } catch {
    return false;
  }
}
