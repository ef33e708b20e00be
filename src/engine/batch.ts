/**
 * A mini-batch as it lies in the shared memory, in u32 words: for each shard the number of its first run, then the
 * runs. A run is a stretch of encoded rows, one after the other in one slot. Written by the main thread before a step,
 * read by whoever computes a shard during the step.
 */
export enum BatchWord {
  /** First run of shard 0, 1 … S; the runs of shard s end where those of s + 1 begin. */
  FirstRun = 0,
  /** Steps done before this one. */
  Step = 258,
  /** Runs start here: after S + 1 ≤ 257 words. */
  Runs = 260,
}

export enum RunWord {
  /** ptr to the first encoded row. */
  Rows = 0,
  Count = 1,
  /** Number of the first row within the mini-batch: where its z and dz lie. */
  First = 2,
  SIZE = 3,
}

/** Bytes for a mini-batch: no run is empty, so there are never more runs than rows. */
export function batchBytes(batchRows: number): number {
  return (BatchWord.Runs + batchRows * RunWord.SIZE) * 4
}

/** Rows of shard s: B rows dealt to S shards so that sizes differ by at most one. */
export function shardRows(batchRows: number, shards: number, shard: number): number {
  return Math.floor(((shard + 1) * batchRows) / shards) - Math.floor((shard * batchRows) / shards)
}

/** The runs of rows of a mini-batch, in the order of the shards; `first` is the number of a run's first row. */
export function eachRun(
  batch: Uint32Array,
  shards: number,
  use: (rows: number, count: number, first: number) => void,
): void {
  const runs = batch[BatchWord.FirstRun + shards]!
  for (let run = 0; run < runs; run++) {
    const at = BatchWord.Runs + run * RunWord.SIZE
    use(batch[at + RunWord.Rows]!, batch[at + RunWord.Count]!, batch[at + RunWord.First]!)
  }
}
