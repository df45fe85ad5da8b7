import { generateKeyPairSync } from 'node:crypto';
import type { UserInfo } from '../apiserver/index.ts';
import { contextTag, der, oid, sequence, Tag, utf8 } from '../controllers/certificates/der.ts';
import type { CertificateAuthority } from '../controllers/index.ts';

/** A certificate and the key to it, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const YEAR_MS = 365 * 24 * 3_600_000;
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const ALTERNATIVE_NAMES = '2.5.29.17';
/** Kinds of alternative names (RFC 5280 §4.2.1.6). */
const DNS_NAME = contextTag(2, false);
const IP_ADDRESS = contextTag(7, false);

const SERVER_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const attribute = (type: string, value: string): Uint8Array =>
  der(Tag.set, sequence(oid(type), der(Tag.utf8String, utf8(value))));

interface Wanted {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly usages: readonly string[];
  readonly dns?: readonly string[];
  /** IPv4 */
  readonly ips?: readonly string[];
}

/** A new key, and a certificate for it that the cluster's authority has signed, good for a year from `nowMs` on. */
function issue(
  authority: CertificateAuthority,
  { commonName, organizations, usages, dns = [], ips = [] }: Wanted,
  nowMs: number,
): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const names = [
    ...dns.map((name) => der(DNS_NAME, utf8(name))),
    ...ips.map((ip) => der(IP_ADDRESS, ip.split('.').map(Number))),
  ];
  const alternativeNames =
    names.length > 0 ? sequence(oid(ALTERNATIVE_NAMES), der(Tag.octetString, sequence(...names))) : undefined;
  const certificate = authority.sign(
    {
      commonName,
      organizations,
      names: { dns: dns.length, ip: ips.length, email: 0, uri: 0 },
      subject: sequence(
        ...organizations.map((organization) => attribute(ORGANIZATION, organization)),
        attribute(COMMON_NAME, commonName),
      ),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      alternativeNames,
    },
    { ttlMs: YEAR_MS, usages, nowMs },
  );
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** What the API server shows its clients (apiserver.crt). */
export const serverCertificate = (
  authority: CertificateAuthority,
  addresses: readonly string[],
  nowMs: number,
): KeyPair =>
  issue(
    authority,
    {
      commonName: 'kube-apiserver',
      organizations: [],
      usages: ['digital signature', 'key encipherment', 'server auth'],
      dns: SERVER_NAMES,
      ips: addresses,
    },
    nowMs,
  );

/** By what a user shows who they are: their name as the subject's common name, their groups as its organizations. */
export const clientCertificate = (
  authority: CertificateAuthority,
  { username, groups }: UserInfo,
  nowMs: number,
): KeyPair =>
  issue(
    authority,
    {
      commonName: username,
      // The API server adds this one to everybody whom it knows.
      organizations: groups.filter((group) => group !== 'system:authenticated'),
      usages: ['digital signature', 'key encipherment', 'client auth'],
    },
    nowMs,
  );
