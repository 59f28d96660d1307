using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Mime;
using Soar.Scripting.Jail;
using Soar.Server.Accounts;

namespace Soar.Server.Settings;

/// <summary>The top of <c>soar.yaml</c>. Everything has a default; without a file Soar runs with none of the connectors.</summary>
internal sealed record SoarSettings : IValidatedSettings
{
    [Setting("Folder of the store (soar.db, artifacts). Relative to the settings file. Default: .soar in the current folder.")]
    public string? Store { get; init; }

    [Setting("Folder of the playbooks. Relative to the settings file. Default: the settings file's folder.")]
    public string? Playbooks { get; init; }

    [Setting("Folder of third parties' connectors: one folder or file each. Relative to the settings file. Default: connectors beside it.")]
    public string? ConnectorFolder { get; init; }

    [Setting("Effects that need an approved Ask before they are dispatched. Default: contains, destroys.")]
    public IReadOnlyList<Effect> Approvals { get; init; } = [Effect.Contains, Effect.Destroys];

    [Setting("Who holds which role, by login name: shift-lead: [ana, marko]. A role that is not named may be taken by anybody who may use this store. Default: none is named.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    [Setting("What the holders of a role see, by the role's name: analyst: { clearance: amber, see: ['*'], run: [enrichment] }. What a user was given themselves ('soar users sight') counts instead. Default: nothing but TLP:CLEAR, and no playbooks.")]
    public IReadOnlyDictionary<string, SightSettings> Sight { get; init; } = new Dictionary<string, SightSettings>();

    [Setting("Who of a role's holders is on duty when, by the role's name: only they hold it then. Default: none, all of them always do.")]
    public IReadOnlyDictionary<string, RotaSettings> Rota { get; init; } = new Dictionary<string, RotaSettings>();

    [Setting("What is known of people, by login name: ana: { mail: ana@soc.example }. Default: nothing.")]
    public IReadOnlyDictionary<string, PersonSettings> People { get; init; } = new Dictionary<string, PersonSettings>();

    [Setting("How people hear that a question waits for them. Default: they look ('soar questions', the console's inbox).")]
    public NotifySettings Notify { get; init; } = new();

    [Setting("What automation neither contains nor destroys by itself. Default: private, loopback, link-local, multicast and reserved addresses, localhost, and this machine's resolvers; touching one is refused.")]
    public ProtectedSettings Protected { get; init; } = new();

    [Setting("How many targets effects may reach before people are asked: a list of limits. Default: no limit.")]
    public IReadOnlyList<BudgetSettings> Budgets { get; init; } = [];

    [Setting("How long people have to answer what policy asks (protected assets, budgets); then the step is refused. Default: 4h.")]
    public TimeSpan PolicyAnswerWithin { get; init; } = TimeSpan.FromHours(4);

    [Setting("Playbook host processes. Default: 1.")]
    public int Hosts { get; init; } = 1;

    [Setting("What to do where the kernel cannot jail the playbook host: require (refuse to start) or accept-weaker. Default: accept-weaker, and health says so.")]
    public JailPolicy Jail { get; init; } = JailPolicy.AcceptWeaker;

    [Setting("How mails are read: which relays are ours, so that the first untrusted hop is known.")]
    public MimeSettings Mime { get; init; } = new();

    [Setting("The HTTP API of 'soar serve': where it listens, TLS, sessions.")]
    public HttpSettings Http { get; init; } = new();

    [Setting("How people come in besides their password: identity providers.")]
    public LoginSettings Login { get; init; } = new();

    [Setting("To whom 'soar serve' tells what it does: an OpenTelemetry collector.")]
    public TelemetrySettings Telemetry { get; init; } = new();

    [Setting("Days on which schedules do not fire, by name: public-holidays: { dates: [2027-01-01], file: holidays.ics }. Default: none.")]
    public IReadOnlyDictionary<string, CalendarSettings> Calendars { get; init; } = new Dictionary<string, CalendarSettings>();

    [Setting("What this deployment does otherwise than a playbook's On.Schedule says, by the schedule's name ('soar schedules' lists them). Default: nothing.")]
    public IReadOnlyDictionary<string, ScheduleSettings> Schedules { get; init; } = new Dictionary<string, ScheduleSettings>();

    [Setting("What this deployment does otherwise than playbooks' On.Alert and On.Case say, by the playbook's name. Default: nothing.")]
    public IReadOnlyDictionary<string, TriggerSettings> Triggers { get; init; } = new Dictionary<string, TriggerSettings>();

    [Setting("Times in which no schedule starts a run, by name: patch-night: { cron: 0 0 22 ? * SAT, for: 4h, zone: Europe/Kyiv }. Default: none.")]
    public IReadOnlyDictionary<string, MaintenanceSettings> Maintenance { get; init; } = new Dictionary<string, MaintenanceSettings>();

    [Setting("How late a schedule's due time may be handed over and still count as on time; later ones are missed. Default: 1m.")]
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("What becomes of alerts before playbooks are asked about them.")]
    public AlertSettings Alerts { get; init; } = new();

    [Setting("How a playbook's text becomes what runs.")]
    public VersionSettings Versions { get; init; } = new();

    [Setting("How long ended runs and alerts are kept. What belongs to a case on hold is kept in any case. Default: for good.")]
    public RetentionSettings Retention { get; init; } = new();

    [Setting("Who may start playbooks by POST /api/hooks/<name>, by the name in On.Webhook: partner-gate: { token: 'file:gate-token' }. A hook that is not named here is closed. Default: none.")]
    public IReadOnlyDictionary<string, WebhookSettings> Hooks { get; init; } = new Dictionary<string, WebhookSettings>();

    [Setting("The key under which the store keeps credentials (soar.yaml refers to them as credential:name) and other secrets.")]
    public CredentialSettings Credentials { get; init; } = new();

    public IEnumerable<string> Problems()
    {
        foreach (var problem in Sight.SelectMany(s => s.Value.Problems().Select(p => $"sight: {s.Key}: {p}"))) yield return problem;
        foreach (var (role, _) in Sight.Where(s => !Access.Given.Contains(s.Key, StringComparer.OrdinalIgnoreCase) && !Roles.Keys.Contains(s.Key, StringComparer.OrdinalIgnoreCase)))
            yield return $"sight: '{role}' is no role: there are {string.Join(", ", Access.Given)}, and those under roles";
        foreach (var problem in Credentials.Problems()) yield return $"credentials.{problem}";
        foreach (var problem in Http.Problems().Select(p => $"http: {p}").Concat(Telemetry.Problems().Select(p => $"telemetry.{p}"))) yield return problem;
        if (Hosts is < 1 or > 64) yield return $"hosts: {Hosts} is not between 1 and 64: as many playbook host processes are started";
        foreach (var (role, people) in Roles.Where(r => r.Value.Count == 0 || r.Value.Any(string.IsNullOrWhiteSpace)))
            yield return $"roles: {role} is held by {(people.Count == 0 ? "nobody" : "somebody without a name")}: name people by their login, or leave the role out";
        if (LateAfter < TimeSpan.FromSeconds(1)) yield return $"lateAfter: {LateAfter} is less than a second; a due time is handed over some hundredths of a second late at the best of times";
        foreach (var problem in Calendars.SelectMany(c => c.Value.Problems().Select(p => $"calendars: {c.Key}: {p}"))
            .Concat(Schedules.SelectMany(s => s.Value.Problems(Calendars.Keys).Select(p => $"schedules: {s.Key}: {p}")))
            .Concat(Triggers.SelectMany(t => t.Value.Problems(Maintenance).Select(p => $"triggers: {t.Key}: {p}")))
            .Concat(Maintenance.SelectMany(m => m.Value.Problems().Select(p => $"maintenance: {m.Key}: {p}")))) yield return problem;
        foreach (var problem in Protected.Problems().Select(p => $"protected: {p}").Concat(Budgets.SelectMany(b => b.Problems()).Select(p => $"budgets: {p}"))) yield return problem;
        foreach (var problem in Rota.SelectMany(r => r.Value.Problems(Roles.FirstOrDefault(role => role.Key.Equals(r.Key, StringComparison.OrdinalIgnoreCase)).Value).Select(p => $"rota: {r.Key}: {p}"))) yield return problem;
        foreach (var problem in Notify.Problems()) yield return $"notify.{problem}";
        foreach (var problem in Hooks.SelectMany(h => h.Value.Problems().Select(p => $"hooks.{h.Key}.{p}"))) yield return problem;
        foreach (var problem in Login.Problems()) yield return $"login.{problem}";
        foreach (var problem in Alerts.Problems().Select(p => $"alerts.{p}")) yield return problem;
        foreach (var problem in Retention.Problems().Select(p => $"retention.{p}")) yield return problem;
        if (PolicyAnswerWithin <= TimeSpan.Zero) yield return $"policyAnswerWithin: {PolicyAnswerWithin} is not a duration above zero";
    }
}
