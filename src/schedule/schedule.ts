/** The learning rate as a function of the step. */
export interface Schedule {
  readonly name: string
  /** Learning rate of a step, > 0; step counts from 1 over the whole run. */
  rate(step: number): number
  /**
   * The loss at the end of an epoch: of the held-out rows, or without them the progressive one. To be called once an epoch,
   * after its last step, where it is there; it may change the rates of later steps.
   */
  observe?(loss: number): void
  /** What `observe` remembers from epoch to epoch, where it does; a run that is resumed writes it back. */
  readonly state?: Float64Array
}

/** What every schedule is made from. */
export interface ScheduleBasis {
  /** The rate that the schedule starts from, > 0. */
  learningRate: number
  /** T: steps of the run without the warm-up, ≥ 1; asks for them where the schedule needs them and nobody knows. */
  steps(): number
}

/** How a schedule is made: settings by name, all numbers, with their defaults. */
export interface ScheduleFactory<Settings extends object> {
  readonly defaults: Readonly<Settings>
  /** Throws a usage error where a setting is out of range. */
  create(basis: ScheduleBasis, settings: Readonly<Settings>): Schedule
}
