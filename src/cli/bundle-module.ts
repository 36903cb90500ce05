/** One module and all it imports, as one file's text for Node. */

export interface BundleOptions {
  readonly format: 'cjs' | 'esm';
  readonly minify?: boolean;
  readonly alias?: Readonly<Record<string, string>>;
}

/** Rejects with what the bundler found wrong in the module. */
export async function bundleModule(entry: string, { format, minify = false, alias }: BundleOptions): Promise<string> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      // Written by the caller: esbuild's own might do it when all is cleared away already.
      write: false,
      platform: 'node',
      target: 'node20',
      format,
      minify,
      keepNames: true,
      logLevel: 'silent',
      ...(alias === undefined ? {} : { alias }),
    });
    return outputFiles[0]?.text ?? '';
  } finally {
    // Its process holds 100 MB for as long as ours lives.
    await stop();
  }
}
