import type { Prose } from '../../apiserver/http/openapi.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * What the types of the API are for, in words, as the site has them: several hundred kilobytes, and so fetched only by
 * those who ask for them (`kubectl explain`). Undefined where there is no site to fetch them from.
 */
export const fetchProse = async (): Promise<Prose | undefined> => {
  if (typeof location === 'undefined') return undefined;
  try {
    const base = import.meta.env.BASE_URL.replace(/\/$/, '');
    const answer = await fetch(new URL(`${base}/api-prose.json`, location.origin));
    if (!answer.ok) return undefined;
    const prose = (await answer.json()) as Record<string, Record<string, string>>;
    const read = new Map<string, ReadonlyMap<string, string>>();
    return (type) => {
      let about = read.get(type);
      if (!about) read.set(type, (about = prose[type] ? new Map(Object.entries(prose[type])) : NOTHING));
      return about;
    };
  } catch {
    // Without a connection the fields are explained by their types alone.
    return undefined;
  }
};
