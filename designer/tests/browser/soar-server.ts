import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The program that was built last. */
function newestProgram(): string {
  const bin = join(root, 'engine/Soar.Server/bin');
  const programs = readdirSync(bin).map(configuration => join(bin, configuration, 'net10.0/soar.dll')).filter(file => statSync(file, { throwIfNoEntry: false }));
  const newest = programs.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error(`No soar.dll in ${bin}: build engine/Soar.Server first.`);
  return newest;
}

/** `soar serve` as a process of its own: the shipped playbooks and settings, a new store, a free port. */
export class SoarServer {
  private constructor(private readonly process: ChildProcess, private readonly folder: string, readonly address: string, readonly setUpCode: string) {}

  /**
   * @param more Playbooks besides the shipped ones, by name.
   * @param settings What soar.yaml says besides what is shipped.
   */
  static async start(more: Readonly<Record<string, string>> = {}, settings = ''): Promise<SoarServer> {
    const folder = mkdtempSync(join(tmpdir(), 'soar-console-'));
    cpSync(join(root, 'playbooks'), join(folder, 'playbooks'), { recursive: true });
    for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, 'playbooks', `${name}.csx`), text);
    const file = join(folder, 'playbooks/soar.yaml');
    appendFileSync(file, `\n${settings}`);
    const child = spawn('dotnet', [newestProgram(), 'serve', '--http', 'http://127.0.0.1:0', '--settings', file, '--playbooks', join(folder, 'playbooks'), '--store', join(folder, 'store')], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = await new Promise<string>((resolve, reject) => {
      let text = '';
      const took = (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('Soar drives')) resolve(text);
      };
      child.stdout.on('data', took);
      child.stderr.on('data', took);
      child.on('exit', code => { reject(new Error(`soar serve ended with ${String(code)}:\n${text}`)); });
    });
    // A line may be broken where the terminal's width ends.
    const whole = output.replaceAll('\n', ' ');
    const address = /(http:\/\/127\.0\.0\.1:\d+)/.exec(whole)?.[1];
    const code = /setup#\s*([\w-]+)/.exec(whole)?.[1];
    if (address === undefined || code === undefined) throw new Error(`soar serve does not tell its address and set-up code:\n${output}`);
    return new SoarServer(child, folder, address, code);
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    this.process.kill('SIGINT');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
