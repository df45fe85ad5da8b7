import type { Status } from '../../api/status.ts';
import type { HttpResponse } from '../request.ts';

/** How often the server looks for the `default` account of a namespace before it refuses a Pod. */
export const ACCOUNT_ATTEMPTS = 10;

/** How long it waits between two looks, at least and at most: milliseconds. */
export const ACCOUNT_WAIT_MS = [100, 200] as const;

/**
 * Whether a Pod is refused only because its namespace is so new that the controller has not made its account yet (the
 * ServiceAccount admission plugin looks again for a while before it says so).
 */
export const lacksDefaultAccount = ({ status, body }: HttpResponse): boolean =>
  status === 403 &&
  ((body as Partial<Status> | undefined)?.message?.endsWith('serviceaccount "default" not found') ?? false);
