import type { IObjectMeta } from '@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta';
import type { IOwnerReference } from '@kubernetes-models/apimachinery/apis/meta/v1/OwnerReference';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Object metadata as the API serves it: named, and identified once it is stored. */
export interface ObjectMeta extends IObjectMeta {
  name: string;
}

export type OwnerReference = IOwnerReference;

/** What every Kubernetes object has. Objects are plain JSON and, once read or stored, never changed in place. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object of which nothing is known but its metadata; for code that works on every kind. */
export interface UntypedObject extends KubeObject {
  [field: string]: unknown;
}

/** A type of kubernetes-models as stored: metadata present, and spec where the kind has one. */
export type Stored<T extends { metadata?: unknown }> = Omit<T, 'metadata' | 'spec'> & {
  metadata: ObjectMeta;
} & ('spec' extends keyof T ? { spec: NonNullable<T['spec' & keyof T]> } : unknown);

/** A list as the API serves it. */
export interface KubeList<T extends KubeObject = UntypedObject> {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** One change of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export type WatchEvent<T = UntypedObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: KubeObject }
  | { type: 'ERROR'; object: unknown };

/** What a manifest needs before the API server has completed it. */
export type Manifest<T extends KubeObject> = Omit<T, 'metadata'> & { metadata: Partial<ObjectMeta> };
