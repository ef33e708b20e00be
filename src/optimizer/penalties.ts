import { exp } from '../numeric/exp.js'
import { log1p } from '../numeric/log.js'
import type { Descent, Optimizer } from './optimizer.js'

/** What is asked of the weights besides a small loss; each ≥ 0. l1 and l2 together are the elastic net. */
export interface Penalties {
  /** The loss grows by l1·|w|. */
  readonly l1: number
  /** The loss grows by (l2 / 2)·w². */
  readonly l2: number
  /** In every step a weight loses this share of the learning rate, apart from the loss. */
  readonly weightDecay: number
}

/** Of weights that are exempt. */
export const noPenalties: Penalties = { l1: 0, l2: 0, weightDecay: 0 }

/** gradient ← gradient + l2·w */
export function addL2({ gradient, weights, from, to, penalties: { l2 } }: Descent): void {
  for (let i = from; i < to; i++) gradient[i]! += l2 * weights[i]!
}

/**
 * Decoupled weight decay, then the proximal step of l1, both on what the optimizer has made of the gradient.
 *
 *     u = (1 − lr·weightDecay)·w + change
 *     change ← sign(u)·max(0, |u| − lr·p·l1) − w        p: the optimizer's preconditioner
 *
 * A weight that ends at 0 is exactly 0. Where w no longer moves, −gradient is l1·sign(w) + l2·w: by p the minimum of
 * loss and penalties is the same for every optimizer.
 * Sources: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2; J. Duchi, E. Hazan,
 * Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011, section 5.1.
 */
export function decayAndShrink(optimizer: Optimizer, descent: Descent): void {
  const { weights, change, state, from, to, learningRate, step, penalties } = descent
  const { l1, weightDecay } = penalties
  const kept = 1 - learningRate * weightDecay
  for (let i = from; i < to; i++) {
    const w = weights[i]!
    const u = kept * w + change[i]!
    const threshold = l1 === 0 ? 0 : learningRate * l1 * optimizer.preconditioner(state, i, step)
    change[i] = shrunk(u, threshold) - w
  }
}

/** sign(w)·max(0, |w| − threshold) */
function shrunk(w: number, threshold: number): number {
  if (w > threshold) return w - threshold
  if (w < -threshold) return w + threshold
  return 0
}

/**
 * How much of the penalties has been due since the start of the run: what lets the weights of a category wait for them
 * until the category is met again.
 *
 *     rates = Σ_t lr_t        decay = −Σ_t log(1 − lr_t·weightDecay)
 */
export interface PenaltiesDue {
  rates: number
  decay: number
}

/** Adds those of a step. lr·weightDecay is below 1. */
export function addDue(due: PenaltiesDue, { weightDecay }: Penalties, learningRate: number): void {
  due.rates += learningRate
  due.decay -= log1p(-learningRate * weightDecay)
}

/**
 * A weight after the penalties of the steps that left it alone, all at once.
 *
 *     λ = p·l2·rates + decay        θ = p·l1·rates
 *     |w| ← max(0, |w|·e^−λ − θ·(1 − e^−λ) / λ)
 *
 * where rates and decay are those of the missed steps. It is what the flow d|w| = −(θ + λ·|w|) ds leads to in unit
 * time, so that waiting once for n steps is the same as waiting n times for one. l1 alone, and weight decay alone, are
 * what the single steps would have done (but for rounding); l2 is e^−λ for Π (1 − p·l2·lr_t), which differ by the factor
 * e^(Σ (p·l2·lr_t)² / 2) at most about; θ and λ together take turns evenly.
 * Source for l1: J. Langford, L. Li, T. Zhang, "Sparse online learning via truncated gradient", 2009, section 4.
 */
export function withMissedPenalties(
  w: number,
  { l1, l2 }: Penalties,
  preconditioner: number,
  missed: PenaltiesDue,
): number {
  const shrinkage = preconditioner * l1 * missed.rates
  const rate = preconditioner * l2 * missed.rates + missed.decay
  const kept = exp(-rate)
  return shrunk(w * kept, shrinkage * meanKept(rate, kept))
}

/** (1 − e^−λ) / λ: the mean of e^−λs over 0 ≤ s ≤ 1; by its series where the difference would cancel (error below 2⁻⁵³). */
function meanKept(rate: number, kept: number): number {
  if (rate > 2 ** -10) return (1 - kept) / rate
  return 1 - (rate / 2) * (1 - (rate / 3) * (1 - (rate / 4) * (1 - rate / 5)))
}
