import type { Status } from '../api/status.ts';
import type { KubectlConfig } from '../kubectl/index.ts';
import type { Refusal } from './findings.ts';
import type { AppliedFile, LabFile } from './protocol.ts';
import type { Run } from './run.ts';
import { kubectlProgram } from './terminal/kubectl-program.ts';
import { textInput, type Files } from './terminal/program.ts';

const isStatus = (body: unknown): body is Status =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';

/** `kubectl apply -f` of one file: what kubectl said, and the API server's refusals at the lines they concern. */
export async function applyFile(file: LabFile, run: Run, config: KubectlConfig, files: Files): Promise<AppliedFile> {
  const refusals: Refusal[] = [];
  const kubectl = kubectlProgram(
    () => run,
    config,
    ({ method, url }, { status, body }) => {
      // Apply asks for what may not exist yet; only a refused write is about the manifest.
      if (status >= 400 && method !== 'GET' && isStatus(body)) refusals.push({ status: body, url });
    },
  );
  let stdout = '';
  let stderr = '';
  const code = await kubectl(['apply', '-f', file.path], {
    stdin: textInput(''),
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    files,
    signal: new AbortController().signal,
    sleep: (ms) => run.sleep(ms),
  });
  const answer = { path: file.path, code, stdout, stderr };
  if (code === 0) return { ...answer, findings: [] };
  const { findingsOf } = await import('./findings.ts');
  return { ...answer, findings: findingsOf(file, refusals, stderr) };
}
