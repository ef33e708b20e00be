/** The learning rate as a function of the step. */
export interface Schedule {
  readonly name: string
  /** Learning rate of a step, > 0; step counts from 1 over the whole run. */
  rate(step: number): number
}

export interface ScheduleSettings {
  /** The rate that the schedule starts from, > 0. */
  learningRate: number
  /** The power with which inverse-scaling falls, ≥ 0. */
  power: number
}

/** How a schedule is made. Throws a usage error where a setting is out of range. */
export type ScheduleFactory = (settings: ScheduleSettings) => Schedule
