/**
 * What was copied, for all playbooks and windows of this browser. The system's clipboard gets it too where the browser lets a page write to it; where it does not (a page that did not come over
 * HTTPS), what was copied here is pasted here all the same.
 */
const place = 'soar.copied';

interface Copied {
  readonly code: string;
  /** Whether the system's clipboard has it, which then knows better what was copied last. */
  readonly system: boolean;
}

export async function putCopied(code: string): Promise<void> {
  localStorage.setItem(place, JSON.stringify({ code, system: false } satisfies Copied));
  try {
    await navigator.clipboard.writeText(code);
    localStorage.setItem(place, JSON.stringify({ code, system: true } satisfies Copied));
  } catch {
    // Not allowed, or not there: ours is enough.
  }
}

/** @param system What the system's clipboard brings, where a paste tells. */
export function copied(system?: string): string | undefined {
  const stored = localStorage.getItem(place);
  const ours = stored === null ? undefined : (JSON.parse(stored) as Copied);
  return ours !== undefined && (!ours.system || system === undefined || system === '') ? ours.code : system === '' ? undefined : system;
}
