export declare function bundlePredict(): Promise<void>
