import WebSocket from 'ws';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { refusal, Refusal } from '../client.ts';
import { customKind, defineKind, version } from '../custom-resources.ts';
import { configMaps, customResourceDefinitions, pods } from '../kinds.ts';
import { afterwards, namespace, reaches, template, unique, until } from '../scene.ts';
import {
  hookedNamespace,
  mutatingConfigurations,
  register,
  rule,
  validatingConfigurations,
  webhook,
  webhookServer,
  type WebhookServer,
} from '../webhook-server.ts';

let server: WebhookServer;

beforeAll(async () => {
  server = await webhookServer();
});

const KEY = 'webhook-e2e-test';
const UNWANTED = { [KEY]: 'webhook-disallow' };
const START = { 'mutation-start': 'yes' };

const validating = (...hooks: readonly object[]) => register(validatingConfigurations, ...hooks);
const mutating = (...hooks: readonly object[]) => register(mutatingConfigurations, ...hooks);

const configMap = (data: object, name = unique('configmap')) => ({ metadata: { name }, data });

/** The error of a request, for what a webhook says. */
const denial = async (request: Promise<unknown>): Promise<string> => (await refusal(request)).message;

/** Repeats a request until it does (or does not) what webhooks make of it: configurations take a moment. */
const denied = (ns: string, is = true) =>
  until(
    () =>
      configMaps(ns)
        .create(configMap(UNWANTED))
        .then(
          () => false,
          (error: unknown) => error instanceof Refusal,
        ),
    (refused) => refused === is,
  );

const mutated = (ns: string, is = true) =>
  until(
    () => configMaps(ns).create(configMap(START)),
    ({ data }) => (data?.['mutation-stage-1'] === 'yes') === is,
  );

describe('[sig-api-machinery] AdmissionWebhook', () => {
  test('Admission webhook, deny create', async () => {
    const { ns } = await hookedNamespace();
    const exempt = await namespace();
    const here = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [ns] }] };
    await validating(
      webhook(server, '/pods', [rule('pods')], { namespaceSelector: here, timeoutSeconds: 10 }),
      webhook(server, '/configmaps', [rule('configmaps', ['CREATE', 'UPDATE', 'DELETE'])], { namespaceSelector: here }),
    );
    await denied(ns);
    const bad = template(UNWANTED, { name: 'webhook-disallow' });
    const message = await denial(pods(ns).create({ ...bad, metadata: { name: 'disallowed-pod', ...bad.metadata } }));
    expect(message).toContain('the pod contains unwanted container name;');
    expect(message).toContain('the pod contains unwanted label;');
    const hanging = template({ [KEY]: 'wait-forever' });
    const waited = await denial(
      pods(ns).create({ ...hanging, metadata: { name: 'hanging-pod', ...hanging.metadata } }),
    );
    expect(waited).toMatch(/deadline|timeout/);
    await pods(ns).create({ ...template({}), metadata: { name: 'allowed-pod' } });
    expect(await denial(configMaps(ns).create(configMap(UNWANTED)))).toContain(
      'the configmap contains unwanted key and value',
    );
    await configMaps(ns).create(configMap({ admit: 'this' }, 'allowed'));
    await expect(configMaps(ns).change('allowed', (old) => ({ ...old, data: UNWANTED }))).rejects.toThrow(
      'the configmap contains unwanted key and value',
    );
    expect(await denial(configMaps(ns).patch('allowed', { data: UNWANTED }, { type: 'strategic' }))).toContain(
      'the configmap contains unwanted key and value',
    );
    await configMaps(exempt).create(configMap(UNWANTED));
  });

  test('Admission webhook, deny attach', async () => {
    const { ns, selector } = await hookedNamespace();
    await validating(
      webhook(server, '/pods/attach', [rule('pods/attach', ['CONNECT'])], { namespaceSelector: selector }),
    );
    const name = 'to-be-attached-pod';
    await pods(ns).create({ ...template({}, { name: 'container1' }), metadata: { name } });
    await reaches(pods(ns), name, ({ status }) => status?.phase === 'Running');
    const url = `${inject('server').replace('http', 'ws')}${pods(ns).path}/${name}/attach?container=container1&stdin=true&stdout=true`;
    const body = await new Promise<string>((resolve, reject) => {
      const socket = new WebSocket(url, 'v5.channel.k8s.io');
      socket.on('open', () => reject(new Error('was let in')));
      socket.on('unexpected-response', (_, response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      });
      socket.on('error', reject);
    });
    expect(body).toContain("attaching to pod 'to-be-attached-pod' is not allowed");
  });

  test('Admission webhook, deny custom resource create and delete', async () => {
    const { ns, selector } = await hookedNamespace();
    const kind = await defineKind();
    const rules = [rule(kind.plural, ['CREATE', 'UPDATE', 'DELETE'], [kind.group])];
    await validating(webhook(server, '/custom-resource', rules, { namespaceSelector: selector }));
    const things = kind.at('v1', ns);
    const message = 'the custom resource contains unwanted data';
    await until(
      () =>
        things.create({ metadata: { name: unique('bad') }, data: UNWANTED }).then(
          () => '',
          (error: Error) => error.message,
        ),
      (said) => said.includes(message),
    );
    await things.create({ metadata: { name: 'kept' }, data: { [KEY]: 'webhook-nondeletable' } });
    const update = things.change('kept', (old) => ({ ...old, data: UNWANTED }));
    await expect(update).rejects.toThrow(message);
    expect(await denial(things.delete('kept'))).toContain(
      'the custom resource cannot be deleted because it contains unwanted key and value',
    );
    await things.change('kept', (old) => ({ ...old, data: {} }));
    await things.delete('kept');
  });

  test('Admission webhook, fail closed', async () => {
    const { ns, selector } = await hookedNamespace();
    // Certificates are taken for granted here: what makes the webhook unreachable is that nothing is behind its Service.
    const nobody = { ...server, name: 'nobody' };
    await validating(
      webhook(nobody, '/configmaps', [rule('configmaps')], { failurePolicy: 'Fail', namespaceSelector: selector }),
    );
    const { code, reason, message } = await refusal(configMaps(ns).create(configMap({})));
    expect({ code, reason }).toEqual({ code: 500, reason: 'InternalError' });
    expect(message).toContain('failed calling webhook');
  });

  test('Admission webhook, ordered mutation', async () => {
    const { ns, selector } = await hookedNamespace();
    const hook = () =>
      webhook(server, '/mutating-configmaps', [rule('configmaps')], {
        namespaceSelector: selector,
      });
    await mutating(hook(), hook());
    const { data } = await mutated(ns);
    expect(data).toEqual({ ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
  });

  test('Admission webhook, mutation with defaulting', async () => {
    const { ns, selector } = await hookedNamespace();
    await mutating(webhook(server, '/mutating-pods', [rule('pods')], { namespaceSelector: selector }));
    const { spec } = await pods(ns).create({ ...template({}), metadata: { name: 'webhook-to-be-mutated' } });
    expect(spec.initContainers).toMatchObject([
      { name: 'webhook-added-init-container', terminationMessagePolicy: 'File' },
    ]);
  });

  test('Admission webhook, admission control not allowed on webhook configuration objects', async () => {
    const rules = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map((resources) =>
      rule(resources, ['DELETE'], ['admissionregistration.k8s.io'], ['*']),
    );
    const creations = rules.map((one) => ({ ...one, operations: ['CREATE'] }));
    const objectSelector = { matchLabels: { about: unique('dummy') } };
    await validating(webhook(server, '/always-deny', rules, { objectSelector }));
    await mutating(webhook(server, '/add-label', creations, { objectSelector }));
    for (const configurations of [validatingConfigurations(), mutatingConfigurations()]) {
      const name = unique('dummy');
      const dummy = webhook({ ...server, name: 'dummy' }, '/x', [rule('invalid')]);
      const made = await configurations.create({
        metadata: { name, labels: objectSelector.matchLabels },
        webhooks: [dummy],
      });
      expect(made.metadata.labels).toEqual(objectSelector.matchLabels);
      await configurations.delete(name);
    }
  });

  const mutatesCustomResources = async (schema?: object) => {
    const { ns, selector } = await hookedNamespace();
    const kind = await defineKind({ versions: [version('v1', schema, { storage: true }), version('v2', schema)] });
    const rules = [rule(kind.plural, ['CREATE', 'UPDATE'], [kind.group], ['v1'])];
    const hook = () => webhook(server, '/mutating-custom-resource', rules, { namespaceSelector: selector });
    await mutating(hook(), hook());
    return { ns, kind, things: kind.at('v1', ns) };
  };

  test('Admission webhook, mutate custom resource', async () => {
    const { things } = await mutatesCustomResources();
    const { data } = await things.create({ metadata: { name: 'one' }, data: START });
    expect(data).toEqual({ ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
  });

  test('Admission webhook, mutate custom resource with pruning', async () => {
    const field = { type: 'string' };
    const properties = { 'mutation-start': field, 'mutation-stage-1': field };
    const { things } = await mutatesCustomResources({
      type: 'object',
      properties: { data: { type: 'object', properties } },
    });
    const { data } = await things.create({ metadata: { name: 'one' }, data: START });
    expect(data).toEqual({ ...START, 'mutation-stage-1': 'yes' });
  });

  test('Admission webhook, mutate custom resource with different stored version', async () => {
    const { ns, kind, things } = await mutatesCustomResources();
    await things.create({ metadata: { name: 'one' }, data: START });
    await customResourceDefinitions().patch(
      kind.name,
      [
        { op: 'replace', path: '/spec/versions/0/storage', value: false },
        { op: 'replace', path: '/spec/versions/1/storage', value: true },
      ],
      { type: 'json' },
    );
    const patched = await kind.at('v2', ns).patch('one', { dummy: 'test' });
    expect(patched).toMatchObject({
      apiVersion: `${kind.group}/v2`,
      dummy: 'test',
      data: { ...START, 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' },
    });
  });

  test('Admission webhook, deny custom resource definition', async () => {
    const { manifest, name } = customKind({ labels: UNWANTED });
    const rules = [rule('customresourcedefinitions', ['CREATE'], ['apiextensions.k8s.io'], ['*'])];
    // Others define kinds meanwhile.
    await validating(webhook(server, '/crd', rules, { objectSelector: { matchLabels: UNWANTED } }));
    afterwards(() => customResourceDefinitions().delete(name));
    expect(await denial(customResourceDefinitions().create(manifest))).toContain('the crd contains unwanted label');
  });

  test('Admission webhook, honor timeout', async () => {
    const attempt = async (rest: object): Promise<Promise<unknown>> => {
      const { ns, selector } = await hookedNamespace();
      const rules = [rule('configmaps')];
      await validating(webhook(server, '/always-allow-delay-5s', rules, { namespaceSelector: selector, ...rest }));
      return configMaps(ns).create(configMap({}));
    };
    expect(await denial(attempt({ timeoutSeconds: 1, failurePolicy: 'Fail' }))).toMatch(/timeout=1s.*deadline/);
    await attempt({ timeoutSeconds: 1, failurePolicy: 'Ignore' });
    await attempt({ timeoutSeconds: 10, failurePolicy: 'Fail' });
    await attempt({ failurePolicy: 'Fail' });
  });

  test('Admission webhook, list validating webhooks', async () => {
    const { ns, selector } = await hookedNamespace();
    const labels = { [ns]: 'list' };
    const rules = [rule('configmaps')];
    for (let n = 0; n < 10; n++)
      await validatingConfigurations().create({
        metadata: { name: unique('listed'), labels },
        webhooks: [webhook(server, '/configmaps', rules, { namespaceSelector: selector })],
      });
    const query = { labelSelector: `${ns}=list` };
    afterwards(() => validatingConfigurations().deleteCollection(query));
    expect((await validatingConfigurations().list(query)).items).toHaveLength(10);
    await denied(ns);
    await validatingConfigurations().deleteCollection(query);
    await denied(ns, false);
  });

  test('Admission webhook, list mutating webhooks', async () => {
    const { ns, selector } = await hookedNamespace();
    const labels = { [ns]: 'list' };
    const rules = [rule('configmaps')];
    for (let n = 0; n < 10; n++)
      await mutatingConfigurations().create({
        metadata: { name: unique('listed'), labels },
        webhooks: [webhook(server, '/mutating-configmaps', rules, { namespaceSelector: selector })],
      });
    const query = { labelSelector: `${ns}=list` };
    afterwards(() => mutatingConfigurations().deleteCollection(query));
    expect((await mutatingConfigurations().list(query)).items).toHaveLength(10);
    await mutated(ns);
    await mutatingConfigurations().deleteCollection(query);
    await mutated(ns, false);
  });

  test('Admission webhook, update validating webhook', async () => {
    const { ns, selector } = await hookedNamespace();
    const name = await validating(
      webhook(server, '/configmaps', [rule('configmaps')], { namespaceSelector: selector }),
    );
    await denied(ns);
    await validatingConfigurations().change(name, (old) => ({
      ...old,
      webhooks: old.webhooks!.map((one) => ({ ...one, rules: [rule('configmaps', ['UPDATE'])] })),
    }));
    await denied(ns, false);
    await validatingConfigurations().patch(
      name,
      [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }],
      { type: 'json' },
    );
    await denied(ns);
  });

  test('Admission webhook, update mutating webhook', async () => {
    const { ns, selector } = await hookedNamespace();
    const name = await mutating(
      webhook(server, '/mutating-configmaps', [rule('configmaps')], { namespaceSelector: selector }),
    );
    await mutated(ns);
    await mutatingConfigurations().change(name, (old) => ({
      ...old,
      webhooks: old.webhooks!.map((one) => ({ ...one, rules: [rule('configmaps', ['UPDATE'])] })),
    }));
    await mutated(ns, false);
    await mutatingConfigurations().patch(
      name,
      [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }],
      { type: 'json' },
    );
    await mutated(ns);
  });

  const CONDITIONS = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }];
  const OTHERS = [{ name: 'expression-2', expression: "object.metadata.namespace == 'staging'" }];

  test('Validating Admission webhook, create and update validating webhook configuration with matchConditions', async () => {
    const hook = { namespaceSelector: { matchLabels: { none: 'none' } }, matchConditions: CONDITIONS };
    const name = await validating(webhook(server, '/configmaps', [rule('configmaps')], hook));
    const conditions = async () => (await validatingConfigurations().get(name)).webhooks?.[0]?.matchConditions;
    expect(await conditions()).toEqual(CONDITIONS);
    await validatingConfigurations().change(name, (old) => ({
      ...old,
      webhooks: old.webhooks!.map((one) => ({ ...one, matchConditions: OTHERS })),
    }));
    expect(await conditions()).toEqual(OTHERS);
  });

  test('Mutating Admission webhook, create and update mutating webhook configuration with matchConditions', async () => {
    const hook = { namespaceSelector: { matchLabels: { none: 'none' } }, matchConditions: CONDITIONS };
    const name = await mutating(webhook(server, '/mutating-configmaps', [rule('configmaps')], hook));
    const conditions = async () => (await mutatingConfigurations().get(name)).webhooks?.[0]?.matchConditions;
    expect(await conditions()).toEqual(CONDITIONS);
    await mutatingConfigurations().change(name, (old) => ({
      ...old,
      webhooks: old.webhooks!.map((one) => ({ ...one, matchConditions: OTHERS })),
    }));
    expect(await conditions()).toEqual(OTHERS);
  });

  const BROKEN = { matchConditions: [{ name: 'invalid', expression: '... [] bad expression' }] };

  test('Validating Admission webhook, reject validating webhook configurations with invalid matchConditions', async () =>
    expect(await denial(validating(webhook(server, '/configmaps', [rule('configmaps')], BROKEN)))).toContain(
      'compilation failed',
    ));

  test('Mutating Admission webhook, reject mutating webhook configurations with invalid matchConditions', async () =>
    expect(await denial(mutating(webhook(server, '/configmaps', [rule('configmaps')], BROKEN)))).toContain(
      'compilation failed',
    ));

  test('Mutating Admission webhook, mutating webhook excluding object with specific name', async () => {
    const { ns, selector } = await hookedNamespace();
    await mutating(
      webhook(server, '/mutating-configmaps', [rule('configmaps')], {
        namespaceSelector: selector,
        matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }],
      }),
    );
    await mutated(ns);
    expect((await configMaps(ns).create(configMap(START, 'skip-me'))).data).toEqual(START);
  });
});
