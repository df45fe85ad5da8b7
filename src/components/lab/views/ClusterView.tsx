import { useComputed } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { LabHandle } from '../handle.ts';
import { clusterPicture, type ClusterPicture, type ServiceBox } from '../projection/cluster.ts';
import type { PodCell } from '../projection/pod.ts';
import { Inspector } from './Inspector.tsx';
import { PodMark } from './PodMark.tsx';
import { PodTable } from './PodTable.tsx';

interface Line {
  readonly id: string;
  readonly path: string;
  readonly ready: boolean;
}

/** Lines from Services to their endpoints, measured from the boxes as they were laid out. */
function useServiceLines(picture: ClusterPicture) {
  const frame = useRef<HTMLDivElement>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [resized, setResized] = useState(0);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setResized((count) => count + 1));
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const host = frame.current;
    if (!host) return;
    const origin = host.getBoundingClientRect();
    const boxes = new Map<string, DOMRect>();
    for (const element of host.querySelectorAll<HTMLElement>('[data-key]')) {
      boxes.set(element.dataset['key']!, element.getBoundingClientRect());
    }
    const next = picture.services.flatMap(({ key, endpoints }) =>
      endpoints.flatMap(({ podKey, ready }): Line[] => {
        const from = boxes.get(key);
        const to = boxes.get(podKey);
        if (!from || !to) return [];
        const x1 = Math.round(from.left + from.width / 2 - origin.left);
        const y1 = Math.round(from.bottom - origin.top);
        const x2 = Math.round(to.right - Math.min(14, to.width / 2) - origin.left);
        const y2 = Math.round(to.top - origin.top);
        const bend = Math.max(12, (y2 - y1) / 2);
        return [
          { id: `${key} ${podKey}`, path: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`, ready },
        ];
      }),
    );
    setLines(next);
  }, [picture, resized]);

  return { frame, lines };
}

interface BoxProps {
  readonly lab: LabHandle;
}

/** A name in two parts, so that where room is short the hash of the template gives way and not the Pod's own letters. */
const PodName = ({ name }: { name: string }) => {
  const at = name.lastIndexOf('-');
  return (
    <span class="lab-pod-name">
      {at > 0 && <span>{name.slice(0, at)}</span>}
      <span>{name.slice(Math.max(0, at))}</span>
    </span>
  );
};

const PodBox = ({ lab, pod }: BoxProps & { pod: PodCell }) => {
  const { selection } = lab.model;
  const chosen = selection.value?.type === 'object' && selection.value.key === pod.key;
  return (
    <li>
      <button
        type="button"
        class={`lab-pod ${pod.shape}`}
        data-key={pod.key}
        aria-pressed={chosen}
        title={`${pod.name}: ${pod.status}, ${pod.ready}`}
        onClick={() => (selection.value = chosen ? undefined : { type: 'object', key: pod.key })}
      >
        <PodMark shape={pod.shape} />
        <PodName name={pod.name} />
        <span class="lab-pod-status">{pod.status}</span>
      </button>
    </li>
  );
};

const ServiceButton = ({ lab, service }: BoxProps & { service: ServiceBox }) => {
  const ready = service.endpoints.filter((endpoint) => endpoint.ready).length;
  return (
    <li>
      <button
        type="button"
        class="lab-service"
        data-key={service.key}
        onClick={() => (lab.model.selection.value = { type: 'object', key: service.key })}
      >
        <strong>{service.name}</strong> <code>{service.address}</code>
        <small>{fill(lab.strings.endpoints, { ready, total: service.endpoints.length })}</small>
      </button>
    </li>
  );
};

/** Nodes with their Pods inside, Services above with lines to their endpoints; the same as a table below. */
export function ClusterView({ lab }: { lab: LabHandle }) {
  const { model, strings } = lab;
  const picture = useComputed(() => {
    void model.objectsVersion.value;
    return clusterPicture((kind) => model.ofKind(kind));
  }).value;
  const { frame, lines } = useServiceLines(picture);
  return (
    <div class="lab-cluster">
      <div class="lab-topology" ref={frame}>
        <svg class="lab-lines" aria-hidden="true">
          {lines.map(({ id, path, ready }) => (
            <path key={id} d={path} class={ready ? 'ready' : 'not-ready'} />
          ))}
        </svg>
        {picture.services.length > 0 && (
          <ul class="lab-services" aria-label={strings.services}>
            {picture.services.map((service) => (
              <ServiceButton key={service.key} lab={lab} service={service} />
            ))}
          </ul>
        )}
        {picture.unscheduled.length > 0 && (
          <section class="lab-unscheduled">
            <h3>{strings.unscheduled}</h3>
            <ul>
              {picture.unscheduled.map((pod) => (
                <PodBox key={pod.key} lab={lab} pod={pod} />
              ))}
            </ul>
          </section>
        )}
        <ul class="lab-nodes" aria-label={strings.nodes}>
          {picture.nodes.map((node) => (
            <li key={node.key} class={node.ready ? 'lab-node' : 'lab-node not-ready'}>
              <button
                type="button"
                class="lab-node-name"
                onClick={() => (model.selection.value = { type: 'object', key: node.key })}
              >
                {node.name} <small>{node.ready ? strings.nodeReady : strings.nodeNotReady}</small>
              </button>
              <ul>
                {node.pods.map((pod) => (
                  <PodBox key={pod.key} lab={lab} pod={pod} />
                ))}
              </ul>
            </li>
          ))}
        </ul>
        {picture.nodes.length === 0 && <p class="lab-quiet">{strings.noNodes}</p>}
      </div>
      <PodTable lab={lab} pods={picture.pods} />
      <Inspector lab={lab} />
    </div>
  );
}
