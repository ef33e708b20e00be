/** Set-up for tests of the kernel: the compiled module on a shared memory of its own, and a place to put things. */
import { readFileSync } from 'node:fs'
import { MAXIMUM_PAGES, instantiateKernel, type Kernel } from '../../workers/kernel.js'

export interface OpenKernel {
  kernel: Kernel
  memory: WebAssembly.Memory
  /** The whole memory. */
  bytes: Uint8Array
  view: DataView
  /** The address of `bytes` fresh zero bytes, never given back; throws where the memory is used up. */
  allocate(bytes: number, align?: number): number
}

const modules = new Map<string, WebAssembly.Module>()

/** Instantiates dist/workers/kernel.wasm (or another file) on `pages` × 64 kB of shared memory. */
export function openKernel(pages: number, file = 'dist/workers/kernel.wasm'): OpenKernel {
  let module = modules.get(file)
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(new URL(`../../${file}`, import.meta.url)))
    modules.set(file, module)
  }
  const memory = new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES, shared: true })
  const kernel = instantiateKernel(module, memory)
  const bytes = new Uint8Array(memory.buffer)
  let free = kernel.heapBase
  const allocate = (size: number, align = 16): number => {
    const address = Math.ceil(free / align) * align
    free = address + size
    if (free > bytes.length) throw new Error(`the test needs more than ${pages} pages of memory`)
    return address
  }
  return { kernel, memory, bytes, view: new DataView(memory.buffer), allocate }
}
