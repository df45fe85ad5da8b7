import { parseQuantity, type Quantity } from '../quantity.ts';
import type { Container, Pod } from '../types.ts';

type List = 'requests' | 'limits';
type Totals = Record<string, Quantity>;

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

function add(totals: Totals, amounts: Readonly<Record<string, string | number>> | undefined): void {
  for (const name in amounts) {
    const amount = parseQuantity(amounts[name]!);
    totals[name] = totals[name]?.add(amount) ?? amount;
  }
}

function raise(totals: Totals, others: Totals): void {
  for (const name in others) {
    const known = totals[name];
    if (!known || known.compare(others[name]!) < 0) totals[name] = others[name]!;
  }
}

/**
 * What a Pod takes in all: its containers and sidecars together, or the largest of its init containers with the
 * sidecars before it, whichever is more; with overhead. What is said for the Pod as a whole goes before.
 */
export function podTotals({ spec }: Pod, list: List): Totals {
  const totals = containerTotals(spec, list);
  const own = (spec.resources as { readonly [key in List]?: Readonly<Record<string, string | number>> } | undefined)?.[
    list
  ];
  for (const name in own) totals[name] = parseQuantity(own[name]!);
  const overhead = spec.overhead as Readonly<Record<string, string | number>> | undefined;
  for (const name in overhead) if (list === 'requests' || totals[name]) add(totals, { [name]: overhead[name]! });
  return totals;
}

/** What the containers of a Pod take (AggregateContainerRequests). */
export function containerTotals(spec: Pod['spec'], list: List): Totals {
  const totals: Totals = {};
  for (const { resources } of spec.containers ?? []) add(totals, resources?.[list]);
  const sidecars: Totals = {};
  const largest: Totals = {};
  for (const container of spec.initContainers ?? []) {
    const amounts = container.resources?.[list];
    if (isSidecar(container)) {
      add(totals, amounts);
      add(sidecars, amounts);
      raise(largest, sidecars);
      continue;
    }
    const during: Totals = { ...sidecars };
    add(during, amounts);
    raise(largest, during);
  }
  raise(totals, largest);
  return totals;
}
