import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

/** Code blocks of a document, as they stand there. */
export async function blocks(document: URL): Promise<string[]> {
  const text = await readFile(document, 'utf8');
  return [...text.matchAll(/^```(?:ts|typescript)\n(.*?)^```$/gms)].map(([, code]) => code!);
}

/**
 * Compiles a program under the strictest types and gives what it exports. `folder` is that of the package that it
 * belongs to, which decides what it can import.
 */
export async function run(folder: string, name: string, program: string): Promise<Record<string, any>> {
  const place = join(folder, 'node_modules', '.examples');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'package.json'), '{ "type": "module" }');
  const source = join(place, `${name}.ts`);
  await writeFile(source, program);
  const path = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const compilation = ts.createProgram([source], {
    ...options,
    noEmit: false,
    allowImportingTsExtensions: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    outDir: place,
    rootDir: place,
  });
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => place, getNewLine: () => '\n' };
  const { diagnostics } = compilation.emit();
  const wrong = [...ts.getPreEmitDiagnostics(compilation), ...diagnostics];
  if (wrong.length > 0) throw new Error(ts.formatDiagnostics(wrong, host));
  return import(pathToFileURL(join(place, `${name}.js`)).href);
}
