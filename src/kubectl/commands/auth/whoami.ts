import { printFlags } from '../../cli/flag-sets.ts';
import type { Command } from '../../cli/command.ts';
import { CliError, isNotFound } from '../../errors.ts';
import { printerFor } from '../../print/printer.ts';
import { alignTable } from '../../print/table.ts';
import { record, sortedKeys, strings, text } from '../../value.ts';

export const whoami: Command = {
  name: 'whoami',
  short: 'Experimental: Check self subject attributes',
  flags: printFlags,
  run: (session) => {
    const { io, rest, flags } = session;
    try {
      const answer = rest.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
      });
      if (flags.string('output') || flags.string('template'))
        return io.stdout(printerFor(session, { typed: true })(answer));
      const extra = record(answer, 'status', 'userInfo', 'extra');
      const rows: [string, string][] = [
        ['Username', text(answer, 'status', 'userInfo', 'username')],
        ...(text(answer, 'status', 'userInfo', 'uid')
          ? [['UID', text(answer, 'status', 'userInfo', 'uid')] as [string, string]]
          : []),
        ['Groups', `[${strings(answer, 'status', 'userInfo', 'groups').join(' ')}]`],
        ...sortedKeys(extra).map((key): [string, string] => [`Extra: ${key}`, `[${strings(extra, key).join(' ')}]`]),
      ];
      io.stdout(alignTable(`ATTRIBUTE\tVALUE\n${rows.map((row) => `${row.join('\t')}\n`).join('')}`));
    } catch (error) {
      if (isNotFound(error)) throw new CliError('the selfsubjectreviews API is not enabled in the cluster');
      throw error;
    }
  },
};
