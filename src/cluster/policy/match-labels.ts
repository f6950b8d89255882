/** Labels of a Kubernetes object against a selector. */
import type {Labels} from '../model.js';
import type {LabelRequirement, LabelSelector} from './model.js';

/** Kubernetes: NotIn holds where the label is missing. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => holds(requirement, labelOf(labels, requirement.key)));
}

export function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

export function holds(
  {operator, values}: Pick<LabelRequirement, 'operator' | 'values'>,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
