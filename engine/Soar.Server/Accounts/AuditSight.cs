using System.Text.Json;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Accounts;

/// <summary>What of the audit somebody sees: that a record is there always, what it is about only if they see that. What is not named here is withheld.</summary>
internal sealed class AuditSight(Sight sight, NodeReader reader)
{
    /// <summary>Of accounts and of the deployment: nothing of a case or a playbook stands in them.</summary>
    private static readonly HashSet<string> OfNothing =
    [
        Calls.SetUp, Calls.SignIn, Calls.SignInBy, Calls.SignOut, Calls.RemoveLogin, Calls.AddUser, Calls.ChangeUser, Calls.OfferCode, Calls.SetPassword, Calls.AddToken, Calls.RevokeToken, Calls.SetTotp, Calls.RemoveTotp,
        Calls.SetCredential, Calls.RemoveCredential, Calls.RotateCredentials, Calls.UseCredential, Calls.TestConnector, Calls.ImportList, Calls.Backup, Calls.ApplyRetention,
    ];

    public async Task<bool> SeesAsync(AuditEntry entry)
    {
        if (sight.Given.SeesEverything || OfNothing.Contains(entry.What)) return true;
        using var details = JsonDocument.Parse(entry.Details);
        var (kind, id) = entry.Target.Split(' ', 2) is [var first, var rest] ? (first, rest) : ("", entry.Target);
        return entry.What switch
        {
            Calls.Start when id.Length == 0 => await PlaybookAsync(Text(details, "playbook")),
            Calls.Start or Calls.Signal or Calls.Cancel or Calls.Pause or Calls.Resume or Calls.Webhook => Guid.TryParse(id, out var run) && await sight.SeesAsync(new RunId(run)),
            Calls.Answer or Calls.Claim or Calls.Delegate => Guid.TryParse(id, out var question) && await reader.Runs.FindQuestionAsync(new QuestionId(question)) is { } asked && await sight.SeesAsync(asked.Run),
            Calls.Lift when kind != "case" => Guid.TryParse(id, out var containment) && (await sight.ContainmentsAsync(null, standingOnly: false)).Any(c => c.Id == containment),
            Calls.StopEffects => Text(details, "playbook") is not { } named || await PlaybookAsync(named),
            Calls.AllowEffects => (await sight.SwitchesAsync(all: true)).Any(s => id.EndsWith(s.Id.ToString(), StringComparison.Ordinal)),
            Calls.AskAgain => await reader.Alerts.FindAsync(id, await sight.HorizonAsync()) is not null,
            Calls.MergeCase => await CaseAsync(id) && await CaseAsync(Text(details, "into")),
            _ when kind == "case" => await CaseAsync(id),
            _ when kind == "playbook" => await AllAsync(entry.Target.Split(", ").Select(one => one["playbook ".Length..])),
            _ when kind == "review" => Guid.TryParse(id, out var review) && await reader.Reviews.FindAsync(review) is { } submitted && await PlaybookAsync(submitted.Playbook),
            _ => false,
        };
    }

    private async Task<bool> CaseAsync(string? id) => id is not null && await reader.Cases.FindAsync(id) is { } file && file.Tlp <= sight.Given.Clearance;

    private async Task<bool> PlaybookAsync(string? name) => name is not null && (await sight.PlaybooksAsync()).Contains(name);

    private async Task<bool> AllAsync(IEnumerable<string> names)
    {
        var seen = await sight.PlaybooksAsync();
        return names.All(seen.Contains);
    }

    private static string? Text(JsonDocument details, string name) => details.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
