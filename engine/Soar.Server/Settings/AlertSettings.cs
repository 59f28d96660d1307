using Soar.Cases.Alerts;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>alerts:</c> of the settings: what becomes of alerts before playbooks are asked about them.</summary>
internal sealed record AlertSettings
{
    [Setting("So many alerts may wait for their playbooks; beyond that senders are told to come again. Default: 20000.")]
    public int MostWaiting { get; init; } = 20_000;

    [Setting("When an alert repeats another and starts nothing again.")]
    public SameSettings Same { get; init; } = new();

    [Setting("Alerts that weigh more or less here than their detector can know: a list of rules, of which the first that fits counts. All that comes after sees what it says. Default: none.")]
    public IReadOnlyList<RouteSettings> Route { get; init; } = [];

    [Setting("Alerts that are kept and start nothing: a list of rules, of which the first that fits counts. Default: none.")]
    public IReadOnlyList<SuppressionSettings> Suppress { get; init; } = [];

    [Setting("Which alerts are one case: a list of rules, of which the first that leads somewhere counts. Default: none, playbooks open cases.")]
    public IReadOnlyList<CaseRuleSettings> Cases { get; init; } = [];

    public AlertRules ToRules() => new()
    {
        Same = new SameAlerts(Same.Within, SameSettings.Fields(Same.By)),
        SameOf = Same.Sources.ToDictionary(s => s.Key, s => new SameAlerts(s.Value.Within ?? Same.Within, SameSettings.Fields(s.Value.By ?? Same.By)), StringComparer.Ordinal),
        Suppressions = [.. Suppress.Select(s => s.ToSuppression())],
        Routes = [.. Route.Select(r => r.ToRoute())],
        Cases = [.. Cases.Select(c => c.ToRule())],
    };

    public IEnumerable<string> Problems()
    {
        if (MostWaiting < 1) yield return $"mostWaiting: {MostWaiting}; at least 1, or nothing would be taken";
        foreach (var problem in Same.Problems().Select(p => $"same.{p}").Concat(Suppress.SelectMany(s => s.Problems()).Select(p => $"suppress: {p}"))) yield return problem;
        foreach (var problem in Route.SelectMany(r => r.Problems()).Select(p => $"route: {p}")) yield return problem;
        foreach (var problem in Cases.SelectMany(c => c.Problems()).Select(p => $"cases: {p}")) yield return problem;
        foreach (var name in Cases.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)) yield return $"cases: two rules are called {name}; each has cases of its own, by its name";
        foreach (var name in Suppress.GroupBy(s => s.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key)) yield return $"suppress: two rules are called {name}; an alert names the one that suppressed it";
    }
}

/// <summary><c>alerts: same:</c></summary>
internal sealed record SameSettings
{
    [Setting("So long after an alert the same again is its repeat; then it is a new one. 0s: never. Default: 10m.")]
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(10);

    [Setting("The fields by which they are the same: all of them must be there and be equal, for example [rule, source.ip]. Default: detector, rule, title, category, severity and TLP, and every host, address, user and observable, of which there must be one.")]
    public IReadOnlyList<string> By { get; init; } = [];

    [Setting("What single sources do otherwise, by their name: mailbox: { within: 0s }. Default: nothing.")]
    public IReadOnlyDictionary<string, SameOfSourceSettings> Sources { get; init; } = new Dictionary<string, SameOfSourceSettings>();

    public static IReadOnlyList<AlertField> Fields(IEnumerable<string> names) => [.. names.Select(name => AlertField.Find(name, out _)).OfType<AlertField>()];

    public IEnumerable<string> Problems()
    {
        foreach (var (path, within, by) in Sources.Select(s => ($"sources.{s.Key}.", s.Value.Within, s.Value.By)).Prepend(("", Within, By)))
        {
            if (within < TimeSpan.Zero || within > TimeSpan.FromDays(366)) yield return $"{path}within: {within} is not between 0s and 366d";
            foreach (var name in by ?? [])
                if (AlertField.Find(name, out var problem) is null) yield return $"{path}by: '{name}' {problem}";
        }
    }
}

/// <summary>One of <c>alerts: same: sources:</c>.</summary>
internal sealed record SameOfSourceSettings
{
    [Setting("Default: as for all.")]
    public TimeSpan? Within { get; init; }

    [Setting("Default: as for all.")]
    public IReadOnlyList<string>? By { get; init; }
}

/// <summary>One of <c>alerts: suppress:</c>.</summary>
internal sealed record SuppressionSettings
{
    [Setting("What the rule is called: the alerts that it suppresses name it.")]
    public required string Name { get; init; }

    [Setting("Which alerts: by field, what its value may be: { source.ip: 10.0.9.0/24, severity: '<40', title: ['*scan*', '*probe*'] }. All fields must fit; what is not in an alert never does.")]
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> When { get; init; }

    [Setting("From then on it holds no more. Default: it has no end.")]
    public DateTimeOffset? Until { get; init; }

    [Setting("Why, for those who meet it. Default: none.")]
    public string Reason { get; init; } = "";

    public Suppression ToSuppression() => new(Name, AlertCondition.Parse(When, []), Until, Reason);

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Name)) yield return "a name is empty; say what is suppressed";
        if (When.Count == 0) yield return $"{Name}: when has no field, so that every alert would be suppressed; name what fits";
        var problems = new List<string>();
        AlertCondition.Parse(When, problems);
        foreach (var problem in problems) yield return $"{Name}: when: {problem}";
    }
}

/// <summary>One of <c>alerts: route:</c>.</summary>
internal sealed record RouteSettings
{
    [Setting("What the rule is called: the alerts that it changes name it, with what their detector had said.")]
    public required string Name { get; init; }

    [Setting("Which alerts, written as under suppress.")]
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> When { get; init; }

    [Setting("Their severity, 1 to 100. Default: the detector's.")]
    public int? Severity { get; init; }

    [Setting("Their TLP, at least: what a detector says is never loosened. Default: the detector's.")]
    public Tlp? Tlp { get; init; }

    public AlertRoute ToRoute() => new(Name, AlertCondition.Parse(When, []), Severity, Tlp);

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Name)) yield return "a name is empty; say which alerts these are";
        if (When.Count == 0) yield return $"{Name}: when has no field, so that every alert would be changed; name what fits";
        if (Severity is null && Tlp is null) yield return $"{Name}: it has neither severity nor tlp, and changes nothing";
        if (Severity is < 1 or > 100) yield return $"{Name}: severity is {Severity}; it goes from 1 to 100";
        var problems = new List<string>();
        AlertCondition.Parse(When, problems);
        foreach (var problem in problems) yield return $"{Name}: when: {problem}";
    }
}

/// <summary>One of <c>alerts: cases:</c>.</summary>
internal sealed record CaseRuleSettings
{
    [Setting("What the rule is called. Its cases are its own: an alert under another name joins none of them.")]
    public required string Name { get; init; }

    [Setting("What makes alerts one case: [source.ip, observables.domain]. One value that they share is enough; an alert that has none of these is not grouped.")]
    public required IReadOnlyList<string> By { get; init; }

    [Setting("Which alerts, written as under suppress. Default: all.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> When { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    [Setting("So long after its last alert a case still takes those that share something with it; then another is opened. Default: 24h.")]
    public TimeSpan Within { get; init; } = TimeSpan.FromHours(24);

    [Setting("The title of a case that is opened, with values of its first alert: 'Attacks from {source.ip}'. Default: the alert's title.")]
    public string? Title { get; init; }

    [Setting("true: an alert that leads to a closed case opens it again. Default: false, it opens another case.")]
    public bool Reopen { get; init; }

    public CaseRule ToRule() => new(Name, When.Count == 0 ? null : AlertCondition.Parse(When, []), SameSettings.Fields(By), Within, Title) { Reopens = Reopen };

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Name)) yield return "a name is empty; say what belongs together";
        if (By.Count == 0) yield return $"{Name}: by names no field; say what alerts of one case share";
        if (Within <= TimeSpan.Zero || Within > TimeSpan.FromDays(366)) yield return $"{Name}: within is {Within}; write a time up to 366d";
        if (Title is not null && string.IsNullOrWhiteSpace(Title)) yield return $"{Name}: title is empty; leave it out for the alert's";
        var problems = new List<string>();
        AlertCondition.Parse(When, problems);
        foreach (var problem in problems) yield return $"{Name}: when: {problem}";
        foreach (var name in By)
            if (AlertField.Find(name, out var problem) is null) yield return $"{Name}: by: '{name}' {problem}";
        foreach (var name in CaseRule.UnknownHoles(Title ?? "")) yield return $"{Name}: title: {{{name}}} is no field of an alert";
    }
}
