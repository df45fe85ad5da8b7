/** Volume plugins that were built in, and whose work CSI drivers do (KEP-625). */
export const MIGRATED_PLUGINS: readonly string[] = [
  'aws-ebs',
  'azure-disk',
  'azure-file',
  'cinder',
  'gce-pd',
  'portworx-volume',
  'vsphere-volume',
].map((name) => `kubernetes.io/${name}`);
