import { sha256 } from '@noble/hashes/sha2.js';
import { p256 } from '../../api/elliptic-curve.ts';
import { drawP256Key, P256_BYTES } from '../../apiserver/tokens/p256-key.ts';
import type { Random } from '../../kernel/index.ts';
import type { CertificateRequest } from './certificate-request.ts';
import { bitString, contextTag, der, integer, oid, pem, sequence, Tag, time, TRUE, utf8 } from './der.ts';
import { extendedKeyUsage, keyUsage } from './key-usages.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Certificates are good from a little before they are made, for clocks that are behind. */
const BACKDATE_MS = 5 * MINUTE_MS;
/** Those that are good for less than this are not good for longer because of it. */
const SHORT_MS = 8 * HOUR_MS;
const CA_LIFE_MS = 10 * YEAR_MS;
const KEY_ID_BYTES = 20;
const SERIAL_BYTES = 16;

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const P256_KEY = sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'));

const Extension = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [TRUE] : []), der(Tag.octetString, value));

/** `CN=name` */
const commonName = (name: string): Uint8Array =>
  sequence(der(Tag.set, sequence(oid('2.5.4.3'), der(Tag.utf8String, utf8(name)))));

interface Body {
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly (Uint8Array | undefined)[];
}

export interface SigningPolicy {
  /** How long the certificate is to be good. */
  readonly ttlMs: number;
  readonly usages: readonly string[];
  readonly nowMs: number;
}

/**
 * The cluster's certificate authority, as kubeadm makes it: a certificate for `CN=kubernetes` that it has signed itself,
 * and the key to it, here one of elliptic curves (ECDSA over P-256 with SHA-256). Both follow from the random stream and
 * the time, so that whoever knows what comes of them may give the certificate: making it takes as long as all else of
 * a cluster's start.
 */
export class CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  readonly #key: Uint8Array;
  readonly #point: () => Uint8Array;
  readonly #random: Random;
  readonly #notAfterMs: number;

  constructor(random: Random, nowMs: number, certificate?: string) {
    this.#random = random;
    this.#key = drawP256Key(random);
    let point: Uint8Array | undefined;
    this.#point = () => (point ??= p256.value.getPublicKey(this.#key, false));
    this.#notAfterMs = nowMs + CA_LIFE_MS;
    const serial = this.#serial();
    this.certificate = certificate ?? this.#certifyItself(nowMs, serial);
  }

  get #keyId(): Uint8Array {
    return sha256(this.#point()).slice(0, KEY_ID_BYTES);
  }

  #certifyItself(nowMs: number, serial: Uint8Array): string {
    return this.#issue(serial, {
      subject: commonName('kubernetes'),
      publicKey: sequence(P256_KEY, bitString(this.#point())),
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: this.#notAfterMs,
      extensions: [
        extension(Extension.keyUsage, keyUsage(['digital signature', 'key encipherment', 'cert sign'])!, true),
        extension(Extension.basicConstraints, sequence(TRUE), true),
        extension(Extension.subjectKeyId, der(Tag.octetString, this.#keyId)),
        extension(Extension.alternativeNames, sequence(der(contextTag(2, false), utf8('kubernetes')))),
      ],
    });
  }

  /** A certificate for what a request asks for, PEM (authority.PermissiveSigningPolicy). */
  sign(request: CertificateRequest, { ttlMs, usages, nowMs }: SigningPolicy): string {
    const notBeforeMs = nowMs - BACKDATE_MS;
    const notAfterMs = (ttlMs < SHORT_MS ? nowMs : notBeforeMs) + ttlMs;
    const use = keyUsage(usages);
    const extendedUse = extendedKeyUsage(usages);
    return this.#issue(this.#serial(), {
      subject: request.subject,
      publicKey: request.publicKey,
      notBeforeMs,
      notAfterMs: Math.min(notAfterMs, this.#notAfterMs),
      extensions: [
        use && extension(Extension.keyUsage, use, true),
        extendedUse && extension(Extension.extendedKeyUsage, extendedUse),
        extension(Extension.basicConstraints, sequence(), true),
        extension(Extension.authorityKeyId, sequence(der(contextTag(0, false), this.#keyId))),
        request.alternativeNames,
      ],
    });
  }

  #serial(): Uint8Array {
    return Uint8Array.from({ length: SERIAL_BYTES }, () => this.#random.int(256));
  }

  #issue(serial: Uint8Array, { subject, publicKey, notBeforeMs, notAfterMs, extensions }: Body): string {
    const body = sequence(
      der(contextTag(0), integer([2])),
      integer(serial),
      ECDSA_WITH_SHA256,
      commonName('kubernetes'),
      sequence(time(notBeforeMs), time(notAfterMs)),
      subject,
      publicKey,
      der(contextTag(3), sequence(...extensions.filter((each) => each !== undefined))),
    );
    const signature = p256.value.sign(body, this.#key);
    const [r, s] = [signature.slice(0, P256_BYTES), signature.slice(P256_BYTES)];
    return pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, bitString(sequence(integer(r), integer(s)))));
  }
}
