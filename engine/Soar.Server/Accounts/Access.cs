using Soar.Storage;

namespace Soar.Server.Accounts;

/// <summary>
/// Who may do what: one table. Whatever does not stand in it is denied. Roles add up. Clearance (TLP) and folders of playbooks, once users have them, are asked in <see cref="Of"/> and
/// travel with the caller as the permissions do.
/// </summary>
internal static class Access
{
    public const string Viewer = "viewer", Analyst = "analyst", Engineer = "engineer", Administrator = "administrator", Auditor = "auditor";

    /// <summary>What everybody holds whom the settings' <c>roles:</c> name (shift-lead: [ana]). Whether this question is theirs the engine decides.</summary>
    public const string Approver = "approver";

    private static readonly Permission[] Reading = [Permission.ReadRuns, Permission.ReadQuestions, Permission.ReadContainments, Permission.ReadPlaybooks, Permission.ReadAlerts, Permission.ReadCases, Permission.ReadLists, Permission.ReadMetrics, Permission.ManageTokens];

    public static IReadOnlyDictionary<string, IReadOnlySet<Permission>> Table { get; } = new Dictionary<string, IReadOnlySet<Permission>>(StringComparer.Ordinal)
    {
        [Viewer] = Set(Reading),
        [Approver] = Set([.. Reading, Permission.AnswerQuestions, Permission.StopEffects, Permission.AllowEffects]),
        [Analyst] = Set([.. Reading, Permission.StartRuns, Permission.ControlRuns, Permission.AnswerQuestions, Permission.LiftContainments, Permission.SendAlerts, Permission.StopEffects, Permission.AllowEffects, Permission.ReadConnectors, Permission.TestConnectors, Permission.EditLists, Permission.WorkCases]),
        [Engineer] = Set([.. Reading, Permission.StartRuns, Permission.ControlRuns, Permission.SendAlerts, Permission.EditPlaybooks, Permission.ReviewPlaybooks, Permission.PublishPlaybooks, Permission.StopEffects, Permission.ReadConnectors, Permission.TestConnectors, Permission.EditLists, Permission.WorkCases]),
        [Auditor] = Set([.. Reading, Permission.ReadAudit, Permission.ReadConnectors]),
        [Administrator] = Set(Enum.GetValues<Permission>()),
    };

    /// <summary>The roles that a user can be given; who approves stands in the settings.</summary>
    public static IReadOnlyList<string> Given { get; } = [Viewer, Analyst, Engineer, Administrator, Auditor];

    /// <summary>Everything this user may do.</summary>
    /// <param name="approvers">The settings' <c>roles:</c>.</param>
    public static IReadOnlySet<Permission> Of(User user, IReadOnlyDictionary<string, IReadOnlyList<string>> approvers)
    {
        var roles = HeldBy(user.Name, approvers).Count > 0 ? user.Roles.Append(Approver) : user.Roles;
        return roles.SelectMany(role => Table.TryGetValue(role, out var permissions) ? permissions : Set([])).ToHashSet();
    }

    /// <summary>The approver roles that the settings give to this name.</summary>
    public static IReadOnlyList<string> HeldBy(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> approvers) =>
        [.. approvers.Where(role => role.Value.Contains(name, StringComparer.OrdinalIgnoreCase)).Select(role => role.Key).Order(StringComparer.Ordinal)];

    private static HashSet<Permission> Set(Permission[] permissions) => [.. permissions];
}
