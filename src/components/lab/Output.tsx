import type { LabStrings } from '../../i18n/lab.ts';
import type { AppliedFile, Finding } from '../../lab/protocol.ts';

interface OutputProps {
  readonly answers: readonly AppliedFile[];
  /** A sentence for the reader. */
  readonly notice: string;
  readonly strings: LabStrings;
  /** Shows the line that an answer is about. */
  readonly onGoTo: (finding: Finding) => void;
}

/** What kubectl said when the manifests were applied, and where in them it points. */
export function Output({ answers, notice, strings, onGoTo }: OutputProps) {
  const findings = answers.flatMap((answer) => answer.findings);
  return (
    <div class="lab-output">
      <p role="status" class="lab-notice">
        {notice}
      </p>
      {answers.length > 0 && (
        <output aria-label={strings.output}>
          {answers.map(({ path, stdout, stderr, code }) => (
            <pre key={path} class={code === 0 ? undefined : 'failed'}>
              {code !== 0 && <span aria-hidden="true">✗ </span>}
              {`${stdout}${stderr}`.trimEnd()}
            </pre>
          ))}
        </output>
      )}
      {findings.length > 0 && (
        <ul class="lab-findings">
          {findings.map((finding) => (
            <li key={`${finding.path} ${finding.line} ${finding.message}`}>
              <button type="button" class="lab-link" onClick={() => onGoTo(finding)}>
                {finding.path}:{finding.line}
              </button>{' '}
              {finding.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
