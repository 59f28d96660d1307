/** What the server's API answers (engine/Soar.Server/Http). Names and shapes are the server's. */
import type { Diagnostic } from '../model/diagram';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type Permission =
  | 'ReadRuns' | 'StartRuns' | 'ControlRuns' | 'ReadQuestions' | 'AnswerQuestions' | 'ReadContainments' | 'LiftContainments'
  | 'ReadPlaybooks' | 'EditPlaybooks' | 'ReviewPlaybooks' | 'PublishPlaybooks' | 'ReadAudit' | 'ReadMetrics' | 'ReadAlerts' | 'SendAlerts' | 'ReadCases' | 'WorkCases' | 'ReleaseHolds'
  | 'StopEffects' | 'AllowEffects' | 'ReadConnectors' | 'TestConnectors' | 'ReadLists' | 'EditLists' | 'ManageUsers' | 'ManageTokens';

export interface Identity {
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly approves: readonly string[];
  readonly permissions: readonly Permission[];
  readonly antiforgery?: string;
}

/** How people log in. `local`: with a password kept here. */
export interface LoginWays {
  readonly local: boolean;
  readonly providers: readonly { readonly name: string; readonly title: string }[];
}

/** Where the browser goes on. */
export interface Elsewhere {
  readonly address: string;
}

export type RunStatus = 'Running' | 'Waiting' | 'Paused' | 'Completed' | 'Failed' | 'Cancelled' | 'Quarantined' | 'Parked';
export type RunMode = 'Live' | 'DryRun' | 'Test';

export interface Awaited {
  readonly signals: readonly string[];
  readonly questions: number;
  readonly runs: number;
}

export interface RunRow {
  readonly id: string;
  readonly playbook: string;
  readonly version: string;
  readonly hash: string;
  readonly mode: RunMode;
  readonly status: RunStatus;
  readonly startedBy: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly wakeAt?: string;
  readonly waitsFor?: Awaited;
  readonly trigger?: string;
  readonly caseId?: string;
  readonly parent?: string;
  readonly successor?: string;
  readonly result?: Json;
}

export interface RunPage {
  readonly runs: readonly RunRow[];
  readonly next?: string;
}

export interface RunStep {
  readonly seq: number;
  readonly at: string;
  readonly step: string;
  readonly mark: string;
  readonly text: string;
  readonly kind: string;
  readonly title?: string;
  readonly action?: string;
  readonly delivery?: string;
  readonly payload?: Json;
}

export interface RunStory {
  readonly run: RunRow;
  readonly timeline: readonly RunStep[];
  readonly questions: readonly Question[];
}

/** The version that a run is pinned to: as written and as drawn. */
export interface RunVersion {
  readonly playbook: string;
  readonly version: string;
  readonly source: string;
  readonly graph: Json;
}

export type QuestionKind = 'Approval' | 'Form' | 'Todo' | 'UnknownOutcome';
export type QuestionStatus = 'Open' | 'Answered' | 'Expired' | 'Withdrawn';

export interface GivenAnswer {
  readonly by: string;
  readonly as?: string;
  readonly approve: boolean;
  readonly reason: string;
  readonly at: string;
  readonly value?: string;
}

/** Somebody's say that went to another person. */
export interface Delegation {
  readonly from: string;
  readonly to: string;
  readonly as: string;
  readonly reason: string;
  readonly at: string;
}

export interface Question {
  readonly id: string;
  readonly run: string;
  readonly kind: QuestionKind;
  readonly status: QuestionStatus;
  readonly who: string;
  readonly mayAnswer: readonly string[];
  readonly text: string;
  readonly details: Json;
  readonly askedAt: string;
  readonly until?: string;
  readonly quorum: number;
  readonly escalateTo?: string;
  readonly escalateAt?: string;
  readonly fourEyes: boolean;
  readonly claimedBy?: string;
  readonly claimedAt?: string;
  readonly delegations: readonly Delegation[];
  readonly answers: readonly GivenAnswer[];
}

export type AnswerWord = 'approve' | 'refuse' | 'done' | 'not-done';

export type ContainmentStatus = 'Pending' | 'Active' | 'Found' | 'Lifting' | 'Lifted' | 'Unknown' | 'LiftFailed';

export interface Holder {
  readonly run: string;
  readonly ordinal: number;
  readonly caseId?: string;
  readonly until?: string;
  readonly releasedAt?: string;
  readonly releasedBy?: string;
}

export interface Containment {
  readonly id: string;
  readonly action: string;
  readonly instance: string;
  readonly target: string;
  readonly arguments: Json;
  readonly status: ContainmentStatus;
  readonly since: string;
  readonly until?: string;
  readonly note?: string;
  readonly liftAttempts: number;
  readonly holders: readonly Holder[];
}

export interface PlaybookInput {
  readonly name: string;
  /** The C# type as written: IpAddress, TimeSpan, string … */
  readonly type: string;
  readonly description: string;
  readonly defaultJson?: string;
  /** Set where the trigger brings it. */
  readonly from?: string;
}

export interface TriggerHeader {
  readonly kind: 'alert' | 'case' | 'schedule' | 'webhook';
  readonly text: string;
}

export interface PlaybookHeader {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly tlp: string;
  readonly summary: string;
  readonly inputs: readonly PlaybookInput[];
  readonly triggers: readonly TriggerHeader[];
}

export interface PlaybookRow {
  readonly name: string;
  readonly file: string;
  readonly header?: PlaybookHeader;
  readonly errors: number;
  readonly warnings: number;
}

export interface PlaybookView {
  readonly name: string;
  readonly file: string;
  readonly header?: PlaybookHeader;
  readonly source: string;
  readonly graph: Json;
  readonly diagnostics: readonly Diagnostic[];
  /** Somebody is changing it. */
  readonly draft?: { readonly version: number; readonly savedBy: string; readonly savedAt: string };
  /** What is published is shown and runs; the folder has another text, or none. */
  readonly differs?: boolean;
}

export type AlertState = 'Waiting' | 'Started' | 'NoTrigger' | 'Failed' | 'Duplicate' | 'Suppressed';

export interface Endpoint {
  readonly ip?: string;
  readonly port?: number;
  readonly host?: string;
  readonly user?: string;
}

export interface Alert {
  readonly id: string;
  readonly detector: string;
  readonly title: string;
  readonly ruleId?: string;
  readonly category: string;
  readonly severity: number;
  readonly time: string;
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  readonly observables: readonly { readonly type: string; readonly value: string }[];
  readonly tlp?: string;
  readonly payload?: Json;
}

export interface TriggerAnswer {
  readonly playbook: string;
  readonly version: string;
  readonly verdict: 'Started' | 'NotWanted' | 'Failed';
  readonly when: string;
  readonly run?: string;
  readonly message?: string;
}

export interface AlertRecord {
  readonly id: string;
  readonly number: number;
  readonly source: string;
  readonly alert: Alert;
  readonly receivedAt: string;
  readonly state: AlertState;
  readonly reason?: string;
  readonly decidedAt?: string;
  readonly times: number;
  readonly lastAt: string;
  readonly resolvedAt?: string;
  readonly routed?: { readonly rule: string; readonly severity: number; readonly tlp?: string };
  readonly caseId?: string;
  readonly caseNumber?: number;
  readonly duplicateOf?: number;
  readonly duplicates: number;
  readonly suppressedBy?: string;
  readonly triggers: readonly TriggerAnswer[];
}

export interface AuditRow {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly origin: string;
  readonly what: string;
  readonly target: string;
  readonly details: Json;
  readonly outcome: string;
  readonly hash: string;
}

export interface AuditPage {
  readonly records: readonly AuditRow[];
  readonly next?: number;
}

export interface AuditVerdict {
  readonly records: number;
  readonly problem?: string;
}

/** Something that happened in a run, while it happens. */
export interface RunEvent {
  readonly run: string;
  readonly kind: 'Started' | 'StepStarted' | 'StepRetried' | 'StepUnknown' | 'StepEnded' | 'Asked' | 'Escalated' | 'Waiting' | 'Paused' | 'Ended' | 'Simulated';
  readonly at: string;
  readonly ordinal: number;
  readonly path: string;
  readonly action: string;
  readonly instance: string;
  readonly playbook: string;
  readonly detail?: string;
}
