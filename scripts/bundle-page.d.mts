export declare function bundlePage(): Promise<void>
