import { logistic } from './logistic.js'
import type { Loss } from './loss.js'
import { softmax } from './softmax.js'
import { squared } from './squared.js'

export type { Loss, LossKernelNames, TargetKind } from './loss.js'

/** Every loss by its name. A new one is a file, a line here, a row in test/contract/losses.test.ts and its kernel twin. */
export const losses = { squared, logistic, softmax } satisfies Record<string, Loss>

export type LossName = keyof typeof losses
