import { invalid, required } from '../field-error.ts';
import { checkQualifiedName } from '../names.ts';
import type { CoreEvent } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';

const MAX_WORD = 128;
const MAX_MESSAGE = 1024;

/** A word that newer events must have, and not too long. */
function checkWord(word: string, field: string, max: number, isRequired: boolean, errors: Errors): void {
  if (isRequired && !word) errors.push(required(field));
  if (word.length > max) errors.push(invalid(field, '', `can have at most ${max} characters`));
}

/** What holds of every event (legacyValidateEvent). Those with an eventTime are of the newer sort, and say more. */
export function checkEvent(event: CoreEvent): Errors {
  const errors: Errors = [];
  const { namespace } = event.metadata;
  const about = event.involvedObject.namespace ?? '';
  const wrong = (): void =>
    void errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (!event.eventTime) {
    // Events of objects without a namespace are kept in the default one.
    if (about === '' ? namespace !== 'default' : about !== namespace) wrong();
    return errors;
  }
  if (about === '' && namespace !== 'default' && namespace !== 'kube-system') wrong();
  const reporter = event.reportingComponent ?? '';
  if (!reporter) errors.push(required('reportingController'));
  refuse('reportingController', reporter, checkQualifiedName(reporter), errors);
  checkWord(event.reportingInstance ?? '', 'reportingInstance', MAX_WORD, true, errors);
  checkWord(event.action ?? '', 'action', MAX_WORD, true, errors);
  checkWord(event.reason ?? '', 'reason', MAX_WORD, true, errors);
  checkWord(event.message ?? '', 'message', MAX_MESSAGE, false, errors);
  return errors;
}
