import { useEffect, useState } from 'preact/hooks';
import { fill } from '../../../i18n/fill.ts';
import type { ObjectView, ShownSpan, SpanView } from '../../../lab/protocol.ts';
import { DECISION } from '../../../scheduler/decision.ts';
import type { LabHandle } from '../handle.ts';
import type { Selection } from '../model.ts';
import { ObjectYaml } from './ObjectYaml.tsx';

type Details =
  | { readonly of: Selection; readonly object: ObjectView | null }
  | { readonly of: Selection; readonly span: SpanView | null };

async function ask(lab: LabHandle, of: Selection): Promise<Details> {
  const session = await lab.session();
  return of.type === 'object' ? { of, object: await session.object(of.key) } : { of, span: await session.span(of.id) };
}

/** What is known of the selection, asked anew whenever the object behind it may have changed. */
function useDetails(lab: LabHandle): Details | undefined {
  const { model } = lab;
  const [details, setDetails] = useState<Details>();
  const selection = model.selection.value;
  const revision = model.clock.value?.revision ?? 0;
  const version =
    selection?.type === 'object'
      ? `${model.objects.get(selection.key)?.metadata.resourceVersion ?? `gone at ${revision}`}`
      : (selection?.id ?? '');
  useEffect(() => {
    let current = true;
    if (!selection) setDetails(undefined);
    else
      ask(lab, selection).then(
        (answer) => void (current && setDetails(answer)),
        () => void (current && setDetails(undefined)),
      );
    return () => void (current = false);
  }, [selection, version]);
  return details && details.of === selection ? details : undefined;
}

/** Virtual time since the cluster's start, as seconds, in one piece. */
export const sinceStart = (time: number, epoch: number): string => `${((time - epoch) / 1000).toFixed(3)}\u00a0s`;

function Attributes({ span }: { span: ShownSpan }) {
  const entries = Object.entries(span.attributes).filter(([, value]) => value !== undefined && value !== '');
  if (entries.length === 0) return null;
  return (
    <dl class="lab-attributes">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{Array.isArray(value) ? value.join(', ') : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Causes shown of a long chain: where it came from, and what led here directly. */
const FIRST = 2;
const LAST = 4;

/** The chain of causes, the first one first; the middle of a long one on demand. */
function Causes({ lab, causes }: { lab: LabHandle; causes: readonly ShownSpan[] }) {
  const { model, strings } = lab;
  const [open, setOpen] = useState(false);
  const folded = open ? 0 : Math.max(0, causes.length - FIRST - LAST);
  return (
    <nav aria-label={strings.causes}>
      <ol class="lab-causes">
        {causes.map((cause, i) =>
          folded > 1 && i >= FIRST && i < causes.length - LAST ? (
            i === FIRST && (
              <li key="folded">
                <button type="button" class="lab-link" aria-expanded={false} onClick={() => setOpen(true)}>
                  {fill(strings.moreCauses, { count: folded })}
                </button>
              </li>
            )
          ) : (
            <li key={cause.id}>
              <button
                type="button"
                class="lab-link"
                aria-current={i === causes.length - 1}
                onClick={() => (model.selection.value = { type: 'span', id: cause.id })}
              >
                {cause.component}: {cause.name}
              </button>
            </li>
          ),
        )}
      </ol>
    </nav>
  );
}

function SpanDetails({ lab, view }: { lab: LabHandle; view: SpanView }) {
  const { model, strings } = lab;
  const { span, causes, effects, object } = view;
  const epoch = model.clock.value?.epoch ?? 0;
  return (
    <>
      <h3>
        <span class="lab-kind">{span.component}</span> {span.name} <small>{sinceStart(span.start, epoch)}</small>
      </h3>
      {causes.length > 1 && <Causes lab={lab} causes={causes.toReversed()} />}
      {effects.length > 0 && <p class="lab-quiet">{fill(strings.effects, { count: effects.length })}</p>}
      {span.attributes[DECISION] === undefined ? (
        <Attributes span={span} />
      ) : (
        <button type="button" class="lab-small" onClick={() => lab.show('scheduler')}>
          {strings.inScheduler}
        </button>
      )}
      {object && <ObjectYaml key={`${object.key} ${object.revision}`} view={object} strings={strings} fold />}
    </>
  );
}

const ObjectDetails = ({ lab, view }: { lab: LabHandle; view: ObjectView }) => {
  const [, , resource = '', ...name] = view.key.split('/');
  return (
    <>
      <h3>
        <span class="lab-kind">{lab.model.objects.get(view.key)?.kind ?? resource}</span> {name.join('/')}
      </h3>
      <ObjectYaml view={view} strings={lab.strings} fold={false} />
    </>
  );
};

/** What was selected, in full. `lasting`: has no button to close it. */
export function Inspector({ lab, lasting = false }: { lab: LabHandle; lasting?: boolean }) {
  const { model, strings } = lab;
  const details = useDetails(lab);
  if (!details) return null;
  return (
    <section class="lab-inspector" aria-label={strings.details}>
      {!lasting && (
        <button
          type="button"
          class="lab-close"
          aria-label={strings.close}
          onClick={() => (model.selection.value = undefined)}
        >
          ×
        </button>
      )}
      {'object' in details ? (
        details.object ? (
          <ObjectDetails lab={lab} view={details.object} />
        ) : (
          <p class="lab-quiet">{strings.notThere}</p>
        )
      ) : details.span ? (
        <SpanDetails lab={lab} view={details.span} />
      ) : (
        <p class="lab-quiet">{strings.spanGone}</p>
      )}
    </section>
  );
}
