import { goJson } from '../api/go-text.ts';
import { record, text, withAt, type Obj } from './value.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as a manifest gave it, remembered in its own annotation, as kubectl apply sends it. */
export const withLastApplied = (object: Obj, keepOrder = false): Obj => {
  const annotations = { ...record(object, 'metadata', 'annotations') };
  delete annotations[LAST_APPLIED];
  const plain = withAt(
    object,
    ['metadata', 'annotations'],
    keepOrder && Object.keys(annotations).length === 0 ? undefined : annotations,
  );
  return withAt(plain, ['metadata', 'annotations'], {
    ...annotations,
    [LAST_APPLIED]: `${goJson(plain, { keepOrder })}\n`,
  });
};

export const lastApplied = (object: Obj): string => text(object, 'metadata', 'annotations', LAST_APPLIED);
