import { kinds } from '../api/kinds.ts';
import { restrictNodes } from '../apiserver/admission/node-restriction.ts';
import { mutatingWebhooks } from '../apiserver/admission/webhooks/mutating-webhooks.ts';
import { validatingWebhooks } from '../apiserver/admission/webhooks/validating-webhooks.ts';
import { keepAvailability } from '../apiserver/aggregation/availability.ts';
import { mutatingPolicies } from '../apiserver/admission/policies/mutating-policies.ts';
import { validatingPolicies } from '../apiserver/admission/policies/validating-policies.ts';
import { registerCustomGroups } from '../apiserver/aggregation/custom-groups.ts';
import { serveCertificates } from '../apiserver/certificates/certificates.ts';
import { customResources } from '../apiserver/custom-resources/extension.ts';
import { controlFlows } from '../apiserver/flow-control/flow-objects.ts';
import { serveComponentStatuses } from '../apiserver/component-statuses.ts';
import { bodyFormats } from '../apiserver/http/body-formats.ts';
import { serveMetrics } from '../apiserver/metrics/server-metrics.ts';
import { serviceCidrs } from '../apiserver/services/service-cidrs.ts';
import { signTokens } from '../apiserver/tokens/rs256-signer.ts';
import { publishIssuer } from '../apiserver/tokens/openid.ts';
import { trackSecretTokens } from '../apiserver/tokens/token-tracking.ts';
import { DeviceDriver } from '../addons/device-driver/device-driver.ts';
import { CertificateAuthority } from '../controllers/certificates/authority.ts';
import { CONTROLLERS } from '../controllers/table.ts';
import { DEFAULT_EPOCH_MS } from '../kernel/index.ts';
import { publishedImages } from '../kubelet/runtime/published-images.ts';
import { Scheduler } from '../scheduler/index.ts';
import { addCloudControllerManager } from './addons/cloud-controller-manager.ts';
import { addCsiDriver } from './addons/csi-driver.ts';
import { addMetricsServer } from './addons/metrics-server.ts';
import { bootstrapObjects } from './bootstrap-objects.ts';
import { bootstrapRbac } from './bootstrap-rbac.ts';
import { labAuthority } from './lab-authority.ts';
import type { ClusterParts } from './cluster.ts';

/** Every kind, every image, every controller, and all that a fresh cluster of kubeadm is ruled by. */
export const everything: ClusterParts = {
  kinds,
  images: () => publishedImages.value,
  bodyFormats,
  extensions: [
    signTokens,
    restrictNodes,
    serveCertificates,
    serveComponentStatuses,
    controlFlows,
    trackSecretTokens,
    publishIssuer,
    serveMetrics,
    serviceCidrs,
    keepAvailability,
    registerCustomGroups,
    customResources,
    mutatingPolicies,
    mutatingWebhooks,
    validatingPolicies,
    validatingWebhooks,
  ],
  certificateAuthority: (kernel) =>
    kernel.epochMs === DEFAULT_EPOCH_MS
      ? labAuthority()
      : new CertificateAuthority(kernel.random('kubeadm/ca'), kernel.now),
  controllers: CONTROLLERS,
  addons: {
    'metrics-server': addMetricsServer,
    'cloud-controller-manager': addCloudControllerManager,
    'csi-driver': addCsiDriver,
  },
  deviceDriver(options) {
    const driver = new DeviceDriver(options);
    driver.start();
    return driver;
  },
  scheduler(options) {
    const scheduler = new Scheduler(options);
    scheduler.start();
    return scheduler;
  },
  policy(client, now) {
    bootstrapObjects(client, now);
    bootstrapRbac(client);
  },
};
