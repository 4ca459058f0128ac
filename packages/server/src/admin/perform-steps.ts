import { ok, type Result } from '@countersign/jwt'
import { addSecret, dropSecret } from './client-secrets.ts'
import { addClient, switchClient } from './clients.ts'
import type { OperationRefusal, OperatorDeps } from './operator.ts'
import type { RecordStep } from './record-plan.ts'
import { addResource, removeResource } from './resources.ts'
import { setClient } from './set-client.ts'
import { setResource } from './set-resource.ts'

/** The listeners of a plan that is performed. */
export interface StepListeners {
  /** Is called at once with each secret that was made, because the service keeps only its hash. */
  readonly onSecret: (id: string, secret: string) => void
  /** Is called when a step was refused or failed: with the steps that were written, and the others. */
  readonly onStop: (written: readonly RecordStep[], left: readonly RecordStep[]) => void
}

/**
 * Performs the steps of a plan, each of which is judged again. A plan that stopped half-way is completed by the next one.
 * Refuses: with the first refusal of a step.
 */
export async function performSteps(
  steps: readonly RecordStep[],
  deps: OperatorDeps,
  { onSecret, onStop }: StepListeners,
): Promise<Result<number, OperationRefusal>> {
  let written = 0
  try {
    for (const step of steps) {
      const outcome = await perform(step, deps)
      if (!outcome.ok) return outcome
      written += 1
      const made = secretIn(outcome.value)
      if (made !== null && 'id' in step) onSecret(step.id, made)
      if (made !== null && step.do === 'addClient') onSecret(step.wanted.id, made)
    }
    return ok(steps.length)
  } finally {
    if (written < steps.length) onStop(steps.slice(0, written), steps.slice(written))
  }
}

/** Names a step for people, such as `change client shop`. */
export function nameStep(step: RecordStep): string {
  switch (step.do) {
    case 'addClient':
      return `add client ${step.wanted.id}`
    case 'setClient':
      return `change client ${step.id}`
    case 'addSecret':
      return `add a secret of client ${step.id}`
    case 'dropSecret':
      return `drop a secret of client ${step.id}`
    case 'enable':
    case 'disable':
      return `${step.do} client ${step.id}`
    case 'removeClient':
      return `remove client ${step.id}`
    case 'addResource':
      return `add resource ${step.wanted.audience}`
    case 'setResource':
      return `change resource ${step.audience}`
    case 'removeResource':
      return `remove resource ${step.audience}`
  }
}

async function perform(
  step: RecordStep,
  deps: OperatorDeps,
): Promise<Result<unknown, OperationRefusal>> {
  switch (step.do) {
    case 'addClient':
      return addClient(step.wanted, deps)
    case 'setClient':
      return setClient(step.id, step.update, deps)
    case 'addSecret':
      return addSecret(step.id, step.secret, deps)
    case 'dropSecret':
      return dropSecret(step.id, step.secretId, deps)
    case 'enable':
    case 'disable':
      return switchClient(step.do, step.id, deps)
    case 'removeClient':
      return switchClient('remove', step.id, deps)
    case 'addResource':
      return addResource(step.wanted, deps)
    case 'setResource':
      return setResource(step.audience, step.update, deps)
    case 'removeResource':
      return removeResource(step.audience, deps)
  }
}

function secretIn(value: unknown): string | null {
  const isMade = typeof value === 'object' && value !== null && 'secret' in value
  return isMade && typeof value.secret === 'string' ? value.secret : null
}
