/** The CEL by which devices are selected (k8s.io/dynamic-resource-allocation/cel): what expressions see, and their limits. */
import {
  BOOL,
  CelEnvironment,
  CelSyntaxError,
  DYN,
  mapType,
  objectType,
  opaqueType,
  STRING,
  typeString,
  type CelType,
  type Program,
} from '../cel/index.ts';

/** What an expression may cost (resource.k8s.io/v1, CELSelectorExpressionMaxCost). */
export const DEVICE_COST_LIMIT = 1_000_000;

const byDomainOf = (type: CelType): CelType => mapType(STRING, mapType(STRING, type));

const environment = new CelEnvironment({
  variables: {
    device: objectType('kubernetes.DRADevice', {
      driver: STRING,
      attributes: byDomainOf(DYN),
      capacity: byDomainOf(opaqueType('kubernetes.Quantity')),
      allowMultipleAllocations: BOOL,
    }),
  },
});

/** Compiles a selector. Throws CelSyntaxError. */
export const compileDeviceExpression = (expression: string): Program => environment.compile(expression);

/** Why an expression is no selector of devices, as Kubernetes words it; undefined for one that is. */
export function deviceExpressionProblem(expression: string): string | undefined {
  try {
    const { type } = compileDeviceExpression(expression);
    if (type.kind === 'bool' || type.kind === 'dyn') return undefined;
    return `must evaluate to bool or the unknown type, not ${typeString(type)}`;
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    return `compilation failed: ${error.message}`;
  }
}
