/** What programs that answer AdmissionReviews have in common. */
import type { HttpMessage, HttpReply } from '../../cni.ts';

export interface ReviewedRequest {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly object: ReviewedObject | null;
  readonly oldObject: ReviewedObject | null;
}

/** As far as the programs look at objects. */
export interface ReviewedObject {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  /** Of PodAttachOptions. */
  readonly stdin?: boolean;
  readonly container?: string;
  readonly spec?: { readonly containers?: readonly { readonly name?: string }[] };
}

/** What a program has to say of a request. */
export interface Judgement {
  readonly allowed: boolean;
  readonly message?: string;
  readonly reason?: string;
  /** Operations of a JSON patch. */
  readonly patch?: readonly object[];
  readonly warnings?: readonly string[];
}

const reply = (status: number, type: string, body: string): HttpReply => ({
  status,
  headers: { 'content-type': type, 'content-length': String(body.length) },
  body,
});

const utf8 = new TextEncoder();

function responseOf(uid: string, { allowed, message, reason, patch, warnings }: Judgement): object {
  const status =
    message || reason ? { status: { ...(message ? { message } : {}), ...(reason ? { reason } : {}) } } : {};
  const changes = patch?.length
    ? { patchType: 'JSONPatch', patch: btoa(String.fromCharCode(...utf8.encode(JSON.stringify(patch)))) }
    : {};
  return { uid, allowed, ...status, ...changes, ...(warnings?.length ? { warnings } : {}) };
}

/** The answer to an AdmissionReview, by what `judge` says of its request; none where it says nothing. */
export function answerReview(message: HttpMessage, judge: (request: ReviewedRequest) => Judgement): HttpReply;
export function answerReview(
  message: HttpMessage,
  judge: (request: ReviewedRequest) => Judgement | undefined,
): HttpReply | undefined;
export function answerReview(
  { method, body }: HttpMessage,
  judge: (request: ReviewedRequest) => Judgement | undefined,
): HttpReply | undefined {
  if (method !== 'POST') return reply(405, 'text/plain', 'a review is posted\n');
  let review: { readonly apiVersion?: string; readonly kind?: string; readonly request?: ReviewedRequest };
  try {
    review = JSON.parse(body) as typeof review;
  } catch (error) {
    return reply(400, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`);
  }
  const { apiVersion, kind, request } = review;
  if (!request) return reply(400, 'text/plain', 'there is no request in the review\n');
  const judgement = judge(request);
  if (!judgement) return undefined;
  const response = responseOf(request.uid, judgement);
  return reply(200, 'application/json', JSON.stringify({ apiVersion, kind, response }));
}
