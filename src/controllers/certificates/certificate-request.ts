import { contextTag, DerError, elementsOf, fromPem, oidText, Tag, type Element } from './der.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ALTERNATIVE_NAMES = '2.5.29.17';

/** Kinds of alternative names, by their tags (RFC 5280 §4.2.1.6). */
const NAME_KINDS = new Map([
  [contextTag(1, false), 'email'],
  [contextTag(2, false), 'dns'],
  [contextTag(6, false), 'uri'],
  [contextTag(7, false), 'ip'],
] as const);

/** What somebody wants to have certified (PKCS #10, RFC 2986). */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** How many alternative names there are of a kind: dns, ip, email, uri. */
  readonly names: Readonly<Record<'dns' | 'ip' | 'email' | 'uri', number>>;
  /** DER of the subject, of the public key with its algorithm, and of the extension of alternative names. */
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly alternativeNames: Uint8Array | undefined;
}

function child(parts: readonly Element[], index: number): Element {
  const part = parts[index];
  if (!part) throw new DerError('asn1: structure error: sequence truncated');
  return part;
}

const childrenOf = ({ content }: Element): Element[] => elementsOf(content);

/** The attributes of a name, in order. */
function attributesOf(subject: Element): (readonly [string, string])[] {
  return childrenOf(subject)
    .flatMap(childrenOf)
    .map((pair) => {
      const [type, value] = childrenOf(pair);
      return [oidText(type!), new TextDecoder().decode(value?.content)] as const;
    });
}

/** The extensions that a request asks for, by their identifiers. */
function extensionsOf(attributes: Element | undefined): Map<string, Element> {
  const extensions = new Map<string, Element>();
  if (attributes?.tag !== contextTag(0)) return extensions;
  for (const attribute of childrenOf(attributes)) {
    const [type, values] = childrenOf(attribute);
    if (!type || !values || oidText(type) !== EXTENSION_REQUEST) continue;
    for (const extension of childrenOf(values).flatMap(childrenOf)) {
      extensions.set(oidText(child(childrenOf(extension), 0)), extension);
    }
  }
  return extensions;
}

/** Reads a request; `text` is PEM. Throws an Error that says what is wrong with it. */
export function parseRequest(text: string): CertificateRequest {
  const bytes = fromPem('CERTIFICATE REQUEST', text);
  if (!bytes) throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  const [request] = elementsOf(bytes);
  const info = childrenOf(child(childrenOf(request!), 0));
  const [subject, publicKey] = [child(info, 1), child(info, 2)];
  const attributes = attributesOf(subject);
  const extension = extensionsOf(info[3]).get(ALTERNATIVE_NAMES);
  const names = { dns: 0, ip: 0, email: 0, uri: 0 };
  const value = extension && childrenOf(extension).find(({ tag }) => tag === Tag.octetString);
  for (const { tag } of value ? childrenOf(child(elementsOf(value.content), 0)) : []) {
    const kind = NAME_KINDS.get(tag);
    if (kind) names[kind]++;
  }
  return {
    commonName: attributes.find(([type]) => type === COMMON_NAME)?.[1] ?? '',
    organizations: attributes.filter(([type]) => type === ORGANIZATION).map(([, organization]) => organization),
    names,
    subject: subject.whole,
    publicKey: publicKey.whole,
    alternativeNames: extension?.whole,
  };
}
