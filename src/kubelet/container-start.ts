import type { Container, Pod } from '../api/types.ts';
import { limitsOf } from './container-limits.ts';
import { podTitle, type ContainerRef } from './names.ts';
import type { ContainerConfig, ImageInfo, Mount } from './runtime/cri.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { normalizePath } from './runtime/file-tree.ts';
import { expandVariables } from './environment.ts';
import { StartError } from './start-error.ts';

/** The numeric user that the first process gets: the container's wish, the Pod's, or the image's. */
export const userOf = (pod: Pod, container: Container, image: ImageInfo): number =>
  container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? image.user;

/** Refuses to run as root where the Pod forbids it. */
export function checkNonRoot(pod: Pod, { container }: ContainerRef, image: ImageInfo): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (!nonRoot || userOf(pod, container, image) !== 0) return;
  const asked = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const where = `(pod: "${podTitle(pod)}", container: ${container.name})`;
  const message =
    asked === 0
      ? `container's runAsUser breaks non-root policy ${where}`
      : `container has runAsNonRoot and image will run as root ${where}`;
  throw new StartError('CreateContainerConfigError', message);
}

/** What the runtime is told to create. */
export function containerConfig(
  pod: Pod,
  { container }: ContainerRef,
  attempt: number,
  image: ImageInfo,
  taggedImage: string,
  env: Record<string, string>,
  volumes: PodVolumes,
): ContainerConfig {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly, subPath, subPathExpr }): Mount => {
    const files = volumes.tree(name);
    if (!files)
      throw new StartError(
        'CreateContainerConfigError',
        `cannot find volume "${name}" to mount into container "${container.name}"`,
      );
    const inner = subPath ?? (subPathExpr ? expandVariables(subPathExpr, env) : undefined);
    if (inner && files.get(normalizePath(inner)) === undefined) files.makeDirectory(normalizePath(inner));
    return { containerPath: mountPath, files, readOnly: readOnly ?? false, ...(inner ? { subPath: inner } : {}) };
  });
  const group = container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
  return {
    name: container.name,
    attempt,
    image: taggedImage,
    ...(container.command ? { command: container.command.map((word) => expandVariables(word, env)) } : {}),
    ...(container.args ? { args: container.args.map((word) => expandVariables(word, env)) } : {}),
    env,
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    mounts,
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    ...(container.terminationMessagePolicy === 'FallbackToLogsOnError' ? { messageFromLog: true } : {}),
    ...(container.stdin ? { stdin: true } : {}),
    ...(container.tty ? { tty: true } : {}),
    user: userOf(pod, container, image),
    ...(group === undefined ? {} : { group }),
    ...limitsOf(container),
  };
}
