import type { Project } from '@activepieces/contract'
import type { Log } from '../../platform/log.ts'

/** Warns about budgets that do not count every call, because the project allows models without a known price. */
export function warnOfUnpricedModels(projects: readonly Project[], log: Pick<Log, 'warn'>): void {
  for (const { id, monthlyBudgetUsd, unpricedModels } of projects) {
    if (monthlyBudgetUsd === null || unpricedModels.type !== 'allow') continue
    const words = `The budget of the project "${id}" does not count calls to models without a known price. To change that, set the project's "unpricedModels" to "refuse" or "price".`
    log.warn({ projectId: id, monthlyBudgetUsd }, words)
  }
}
