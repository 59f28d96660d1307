using Microsoft.Extensions.DependencyInjection;
using Soar.Alerts;
using Soar.Cases;
using Soar.Runs;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Accounts;

/// <summary>
/// What one caller sees and may do with it: a parameter of every handler that answers with something of a case, an alert, a run or a playbook. This is the one place where it is decided (<c>engine/docs/sight.md</c>);
/// <see cref="Horizon"/> is how queries are told. What somebody does not see is answered like what is not there.
/// </summary>
internal sealed class Sight(SoarNode node, Grant grant)
{
    private Horizon? horizon;
    private IReadOnlyDictionary<string, Shelved>? shelf;

    /// <summary>What they were given.</summary>
    public Grant Given => grant;

    public static ValueTask<Sight?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.Get<Caller>() is { } caller ? new Sight(context.RequestServices.GetRequiredService<SoarNode>(), caller.Sight) : null);

    /// <summary>What a user was given, by the user's own grant, else by what the settings give their roles.</summary>
    public static Grant Of(User user, SoarSettings settings) => Of(user.Name, user.Roles, user.Sight, settings);

    public static Grant Of(string name, IReadOnlyList<string> roles, Grant? own, SoarSettings settings) => own ?? roles.Concat(Access.HeldBy(name, settings.Roles))
        .Select(role => settings.Sight.FirstOrDefault(s => s.Key.Equals(role, StringComparison.OrdinalIgnoreCase)).Value?.ToGrant()).OfType<Grant>().Aggregate(Grant.Nothing, (all, one) => all.With(one));

    /// <summary>Whether a person sees a run: those who are told of its questions. Whoever has no account has no sight of their own; what is sent to them is bound by the clearance of the way that it is sent.</summary>
    public static async Task<bool> PersonSeesAsync(SoarNode node, string person, RunId run) =>
        await node.Reader.Accounts.FindAsync(person.Trim().ToLowerInvariant()) is not { } user || await new Sight(node, Of(user, node.Tools.Settings)).SeesAsync(run);

    public async Task<Horizon> HorizonAsync() => horizon ??= grant.SeesEverything ? Horizon.Everything : new Horizon(grant.Clearance, grant.See.Concat(grant.Run).Concat(grant.Edit).Contains("*", StringComparer.Ordinal)
        ? null : (await ShelfAsync()).Where(one => one.Value.Folders.All(grant.Sees)).Select(one => one.Key).ToHashSet(StringComparer.Ordinal));

    public async Task<bool> SeesAsync(RunId run) => grant.SeesEverything || (await node.Reader.Runs.SeenAsync([run], await HorizonAsync())).Count > 0;

    /// <summary>Those of things that belong to runs whose run is seen; what belongs to none stays.</summary>
    public async Task<IReadOnlyList<T>> OfRunsAsync<T>(IReadOnlyList<T> things, Func<T, RunId?> of)
    {
        if (grant.SeesEverything || things.Count == 0) return things;
        var seen = await node.Reader.Runs.SeenAsync(things.Select(of).OfType<RunId>(), await HorizonAsync());
        return [.. things.Where(thing => of(thing) is not { } run || seen.Contains(run))];
    }

    public async Task<Run> RunAsync(Guid id) => await node.Reader.Runs.FindAsync(new RunId(id)) is { } run && await SeesAsync(run.Id) ? run : throw new NotFoundException("run", id.ToString(), "GET /api/runs lists them.");

    /// <summary>A run whose course they may change.</summary>
    public async Task<Run> RunToSteerAsync(Guid id)
    {
        var run = await RunAsync(id);
        await NeedAsync(run.Playbook, grant.MayRun, "run");
        return run;
    }

    public async Task<CaseFile> CaseAsync(string idOrNumber) =>
        await node.Reader.Cases.FindAsync(idOrNumber) is { } file && file.Tlp <= grant.Clearance ? file : throw NodeReader.NoCase(idOrNumber);

    public async Task<AlertRecord> AlertAsync(string idOrNumber) =>
        await node.Reader.Alerts.FindAsync(idOrNumber, await HorizonAsync()) is { } alert ? (await ShownAsync([alert]))[0] : throw new NotFoundException("alert", idOrNumber, "GET /api/alerts lists them with their numbers.");

    /// <summary>Alerts without what playbooks said to them that are not seen.</summary>
    public async Task<IReadOnlyList<AlertRecord>> ShownAsync(IReadOnlyList<AlertRecord> alerts)
    {
        if (grant.SeesEverything) return alerts;
        var seen = await PlaybooksAsync();
        return [.. alerts.Select(alert => alert.Triggers.All(t => seen.Contains(t.Playbook)) ? alert : alert with { Triggers = [.. alert.Triggers.Where(t => seen.Contains(t.Playbook))], Reason = null })];
    }

    public async Task<Question> QuestionAsync(Guid id) =>
        await node.Reader.Runs.FindQuestionAsync(new QuestionId(id)) is { } question && await SeesAsync(question.Run) ? question : throw new NotFoundException("question", id.ToString(), "GET /api/questions lists what is open.");

    /// <summary>Containments that a run holds or held which is seen, with those of their holders.</summary>
    public async Task<IReadOnlyList<Containment>> ContainmentsAsync(string? caseId, bool standingOnly)
    {
        var all = await node.Reader.Runs.ContainmentsAsync(null, caseId, standingOnly);
        if (grant.SeesEverything) return all;
        var seen = await node.Reader.Runs.SeenAsync(all.SelectMany(c => c.Holders).Select(h => h.Run), await HorizonAsync());
        return [.. all.Where(c => c.Holders.Any(h => seen.Contains(h.Run))).Select(c => c with { Holders = [.. c.Holders.Where(h => seen.Contains(h.Run))] })];
    }

    /// <summary>Kill switches but those that name a playbook which is not seen: everybody must know that effects are stopped.</summary>
    public async Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all)
    {
        var switches = await node.Reader.Runs.SwitchesAsync(all);
        if (grant.SeesEverything || switches.All(s => s.Playbook is null)) return switches;
        var seen = await PlaybooksAsync();
        return [.. switches.Where(s => s.Playbook is null || seen.Contains(s.Playbook))];
    }

    /// <summary>The names of playbooks that are seen: folder and TLP both.</summary>
    public async Task<IReadOnlySet<string>> PlaybooksAsync() =>
        (await ShelfAsync()).Where(one => one.Value.Tlp <= grant.Clearance && one.Value.Folders.All(grant.Sees)).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>That there is such a playbook, as far as they see. Throws SOAR5004.</summary>
    public async Task PlaybookAsync(string name)
    {
        if (grant.SeesEverything) return; // whoever sees all is told by what there is
        var seen = await PlaybooksAsync();
        if (!seen.Contains(name)) throw new SoarException("SOAR5004", $"There is no playbook '{name}'.{YamlBinder.Suggest(name, seen.Order(StringComparer.Ordinal))}");
    }

    public async Task MayRunAsync(string playbook)
    {
        await PlaybookAsync(playbook);
        if ((await ShelfAsync()).ContainsKey(playbook)) await NeedAsync(playbook, grant.MayRun, "run");
    }

    public async Task MayEditAsync(string playbook)
    {
        await PlaybookAsync(playbook);
        if ((await ShelfAsync()).ContainsKey(playbook)) await NeedAsync(playbook, grant.MayEdit, "edit");
    }

    /// <summary>A text that is saved, tried or published in their name: no stricter than they see, and it starts no playbook that they may not.</summary>
    public async Task MayWriteAsync(string source, string playbook)
    {
        if (Shelf.TlpOf(source, playbook) is var tlp && tlp > grant.Clearance)
            throw new SoarException("SOAR6002", $"This text is {tlp.Words()}, or says no TLP that can be read, and what you may see ends at {grant.Clearance.Words()}. Give it a TLP within that, or leave it to somebody who sees further.");
        var text = new Scripting.PlaybookText(source, playbook);
        if (!grant.MayRun("*") && text.RunsUntold) throw new SoarException("SOAR6002", "This text starts a playbook by a name that is not written there: Run(\"name\") with the name as a literal can be told from those that you may not run. Write it so, or leave it to somebody who may run all of them.");
        foreach (var (sub, _) in text.SubPlaybooks().Where(sub => sub.Playbook != playbook)) if ((await ShelfAsync()).ContainsKey(sub)) await MayRunAsync(sub);
    }

    private async Task NeedAsync(string playbook, Func<string, bool> may, string right)
    {
        if (!(await ShelfAsync()).TryGetValue(playbook, out var lies)) lies = new Shelved([""], Tlp.Red);
        if (lies.Folders.All(may)) return;
        throw new SoarException("SOAR6002", $"This needs the right to {right} playbooks of the folder {string.Join(", ", lies.Folders.Where(folder => !may(folder)))}. An administrator gives it: soar users sight.");
    }

    private async Task<IReadOnlyDictionary<string, Shelved>> ShelfAsync() => shelf ??= await node.Shelf.ReadAsync();
}
