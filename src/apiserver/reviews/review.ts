import type { FieldError } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { ApiError } from '../../api/status.ts';
import { invalid } from '../../api/errors.ts';
import type { UserInfo } from '../request.ts';

/** Answers one kind of question: gets the decoded question and who asks, returns it with its status. */
export type Review = (question: UntypedObject, user: UserInfo) => UntypedObject;

/** The refusal of a question that cannot be answered. It names no kind, as the real one. */
export function malformed(group: string, errors: readonly FieldError[]): ApiError {
  const refusal = invalid({ group, kind: '' }, '', errors);
  const { causes = [] } = refusal.status.details ?? {};
  refusal.status.details = { group, causes };
  return refusal;
}

/** A user as reviews show it. */
export const shownUser = ({ username, uid, groups, extra }: UserInfo): object => ({
  username,
  ...(uid ? { uid } : {}),
  ...(groups.length > 0 ? { groups } : {}),
  ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
});
