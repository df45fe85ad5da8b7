/** A KubeSchedulerConfiguration that cannot be followed; the message says what to change. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
