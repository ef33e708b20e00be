/**
 * The part of the WebAssembly interface that millrace uses. @types/node does not declare it, and the library that does,
 * "dom", would make every browser global look as if it were there.
 * Source: W3C, WebAssembly JavaScript Interface, 2022.
 */
declare namespace WebAssembly {
  type ImportValue = Memory | Global | ((...values: number[]) => unknown)

  class Module {
    constructor(bytes: ArrayBufferView | ArrayBufferLike)
    readonly #brand: true
  }

  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, ImportValue>>)
    readonly exports: Record<string, ImportValue>
  }

  class Memory {
    /** Sizes are pages of 65,536 bytes; a shared memory needs a maximum. */
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean })
    readonly buffer: ArrayBufferLike
    grow(pages: number): number
  }

  class Global {
    constructor(descriptor: { value: 'i32' | 'f32' | 'f64'; mutable?: boolean }, value?: number)
    value: number | bigint
  }

  /** A trap. */
  class RuntimeError extends Error {
    readonly #brand: true
  }
}
