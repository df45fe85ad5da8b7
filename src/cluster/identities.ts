import type { UserInfo } from '../apiserver/index.ts';

/** Who kubeadm's admin.conf says one is. */
export const ADMIN: UserInfo = {
  username: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'],
};

/** The API server as its own client, for what it creates at start. */
export const API_SERVER: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};

export const CONTROLLER_MANAGER: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

/** The service account under which a cloud's controllers read; each writes under its own. */
export const CLOUD_CONTROLLER_MANAGER: UserInfo = {
  username: 'system:serviceaccount:kube-system:service-controller',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};

export const SCHEDULER: UserInfo = { username: 'system:kube-scheduler', groups: ['system:authenticated'] };

export const KUBE_PROXY: UserInfo = { username: 'system:kube-proxy', groups: ['system:authenticated'] };

export const COREDNS: UserInfo = {
  username: 'system:serviceaccount:kube-system:coredns',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};

/** The drivers of claimable devices. */
export const DEVICE_DRIVER: UserInfo = {
  username: 'system:serviceaccount:kube-system:device-driver',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};

/** A kubelet, as the Node authorizer knows it. */
export const nodeUser = (name: string): UserInfo => ({
  username: `system:node:${name}`,
  groups: ['system:nodes', 'system:authenticated'],
});
