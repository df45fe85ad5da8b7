import { isObject, type Obj } from '../../value.ts';
import { kindOf, nameOf, type Resource } from './resource.ts';

/** What a field with a `name` (or another field) in it refers to, by the field that holds it. */
const REFERENCES: Readonly<Record<string, readonly [kind: string, field: string]>> = {
  configMap: ['ConfigMap', 'name'],
  configMapKeyRef: ['ConfigMap', 'name'],
  configMapRef: ['ConfigMap', 'name'],
  imagePullSecrets: ['Secret', 'name'],
  persistentVolumeClaim: ['PersistentVolumeClaim', 'claimName'],
  secret: ['Secret', 'name'],
  secretKeyRef: ['Secret', 'name'],
  secretRef: ['Secret', 'name'],
  service: ['Service', 'name'],
};
/** Fields that are names themselves. */
const NAMES: Readonly<Record<string, string>> = {
  secretName: 'Secret',
  serviceAccountName: 'ServiceAccount',
  serviceName: 'Service',
};
/** Fields that say the kind of what they refer to. */
const TYPED = new Set(['roleRef', 'scaleTargetRef', 'subjects']);

/** The objects with every reference to a renamed one following its new name. */
export const withReferences = (resources: readonly Resource[]): Obj[] => {
  const now = new Map<string, string>();
  for (const resource of resources)
    for (const name of resource.names) {
      const id = `${kindOf(resource)}/${name}`;
      if (!now.has(id)) now.set(id, nameOf(resource));
    }
  const newName = (kind: string, name: unknown): unknown =>
    typeof name === 'string' ? (now.get(`${kind}/${name}`) ?? name) : name;
  const follow = (value: unknown, holder: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => follow(item, holder));
    if (!isObject(value)) return value;
    const copy: Obj = {};
    for (const key of Object.keys(value))
      copy[key] = NAMES[key] ? newName(NAMES[key], value[key]) : follow(value[key], key);
    const reference = REFERENCES[holder];
    if (reference && copy[reference[1]] !== undefined) copy[reference[1]] = newName(reference[0], copy[reference[1]]);
    if (TYPED.has(holder) && typeof copy['kind'] === 'string') copy['name'] = newName(copy['kind'], copy['name']);
    return copy;
  };
  return resources.map(({ object }) => {
    const { metadata, ...rest } = object;
    return { ...(follow(rest, '') as Obj), metadata };
  });
};
