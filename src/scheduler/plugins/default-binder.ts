import { ApiError } from '../../api/status.ts';
import type { Handle, Plugin } from '../framework/plugin.ts';
import { status } from '../framework/status.ts';

const NAME = 'DefaultBinder';

/** Tells the API server where the Pod goes, through the Pod's binding subresource. */
export const defaultBinder = ({ bind }: Handle): Plugin => ({
  name: NAME,
  bind(_cycle, { pod }, nodeName) {
    try {
      bind(pod, nodeName);
      return undefined;
    } catch (error) {
      if (error instanceof ApiError) return status('Error', NAME, error.message);
      throw error;
    }
  },
});
