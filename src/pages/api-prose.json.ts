import { readFileSync } from 'node:fs';
import type { APIRoute } from 'astro';
import { plainProse } from '../server/api-prose.ts';

const STRUCTURE = 'src/api/schema/definitions.json';

/** What the types of the API and their fields are for, by type and field (a type itself under ''): for `kubectl explain`. */
export const GET: APIRoute = () => {
  const { definitions } = JSON.parse(readFileSync(STRUCTURE, 'utf8')) as { definitions: Record<string, unknown> };
  const prose = Object.keys(definitions).flatMap((type) => {
    const about = plainProse(type);
    return about.size > 0 ? [[type, Object.fromEntries(about)] as const] : [];
  });
  return new Response(JSON.stringify(Object.fromEntries(prose)), { headers: { 'content-type': 'application/json' } });
};
