import { appendFileSync, readFileSync } from 'node:fs';
import { JSON_SCHEMA, load } from 'js-yaml';
import { readAuditPolicy } from '../apiserver/audit/audit-policy.ts';
import type { AuditPolicy, AuditSink } from '../apiserver/index.ts';

export interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
}

/** Everything, but no bodies: for those who give no policy. */
const METADATA: AuditPolicy = { rules: [{ level: 'Metadata' }], omitStages: ['RequestReceived'] };

/**
 * --audit-log and --audit-policy: one JSON object a line, appended to a file, or written to standard output for `-`. Throws
 * AuditPolicyError, and what reading the policy throws.
 */
export function auditToFile(file: string, policyFile: string): AuditOptions {
  const policy = policyFile
    ? readAuditPolicy(load(readFileSync(policyFile, 'utf8'), { schema: JSON_SCHEMA }))
    : METADATA;
  const write =
    file === '-'
      ? (line: string): void => void process.stdout.write(line)
      : (line: string): void => appendFileSync(file, line);
  return { policy, sink: (event) => write(`${JSON.stringify(event)}\n`) };
}
