export * from './model.js'
export type { NetworkSettings } from './network.js'
