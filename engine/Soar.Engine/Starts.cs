using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>How runs come to be: from a request, from a parent's <c>Run</c>, from <c>RunAgain</c>. Whatever a run reads from outside is gathered here, once.</summary>
internal sealed class Starts(EngineParts engine)
{
    public async Task<NewRun> FromRequestAsync(CompiledPlaybook playbook, StartRequest request)
    {
        var inputs = await InputsAsync(playbook, request.Alert, request.Inputs);
        // TLP travels with the case, whether or not whoever starts a run for it knows that.
        var ofCase = request.CaseId is { } id ? await engine.Store.CaseTlpAsync(id) : null;
        return Create(playbook.Hash, playbook.Header, new StartedRecord
        {
            Playbook = playbook.Header.Name, PlaybookVersion = playbook.Header.Version, Alert = request.Alert, Inputs = inputs, Instances = InstancesNow(),
            CaseId = request.CaseId, Tlp = ofCase > request.Tlp ? ofCase : request.Tlp ?? ofCase, StartedBy = request.StartedBy, Mode = ModeWord(request.Mode), Depth = 0,
        }, Lanes.Of(playbook.Header.Type), request.Mode, request.TriggerKey, null, null, request.Source);
    }

    /// <summary>The sub-run of a <c>Run</c> call: the newest version now, and from here on that one.</summary>
    /// <remarks>One that this very call began before a person resumed its run goes on instead.</remarks>
    public async ValueTask<StepEnd> ChildAsync(Run parent, Tlp tlp, RunHistory history, StepCall call)
    {
        var arguments = Json.Read<RunArguments>(call.Arguments);
        if (parent.Depth + 1 > engine.Options.MaxDepth)
            return StepEnd.Refused("too-deep", $"Sub-playbooks may nest {engine.Options.MaxDepth} deep; {arguments.Playbook} would be deeper. Look for a playbook that runs itself.");
        try
        {
            if (history.ChildOf(call) is { } begun && await GoOnAsync(begun, parent, call) is { } goesOn) return goesOn;
            var playbook = await engine.Playbooks.ByNameAsync(arguments.Playbook, CancellationToken.None);
            var above = Json.Read<StartedRecord>(history.Started);
            var inputs = await InputsAsync(playbook, above.Alert, arguments.Inputs);
            await engine.Store.PutVersionAsync(playbook, engine.Now);
            var asks = await engine.Playbooks.ByHashAsync(parent.VersionHash, CancellationToken.None);
            return new StepEnd(StepEndKind.Child, Child: Create(playbook.Hash, playbook.Header, new StartedRecord
            {
                Playbook = playbook.Header.Name, PlaybookVersion = playbook.Header.Version, Alert = above.Alert, Inputs = inputs, Instances = InstancesNow(),
                CaseId = parent.CaseId, Tlp = tlp, StartedBy = $"run {parent.Id}", Mode = ModeWord(parent.Mode), Depth = parent.Depth + 1,
            }, Lanes.OfSubRun(playbook.Header.Type, asks.Header.Type), parent.Mode, $"run/{parent.Id}/{call.Ordinal}/{call.Path}{(history.Resumes == 0 ? "" : $"/resume-{history.Resumes}")}", parent.Id, call.Ordinal));
        }
        catch (SoarException e) when (e.Code is "SOAR1901" or "SOAR1911")
        {
            // The compiler was slow, or did not come up: that says nothing about the playbook. The run waits, and the call is made again.
            engine.Log.NotCompiled(parent.Id, e.Message);
            return StepEnd.Later(engine.Now + engine.Options.CompileRetry);
        }
        catch (SoarException e) when (e is not LeaseLostException && !e.Code.StartsWith("SOAR3", StringComparison.Ordinal))
        {
            return StepEnd.Failed(e.Code, e.Message, 1);
        }
    }

    /// <summary>What a resumed run's sub-run of before comes to: nothing that it has done is done again. Null when it cannot go on: a person cancelled it, or it belongs to another call.</summary>
    private async ValueTask<StepEnd?> GoOnAsync(RunId begun, Run parent, StepCall call)
    {
        var child = await engine.Store.FindAsync(begun);
        if (child?.ParentOrdinal != call.Ordinal) return null;
        while (child.Successor is { } successor) child = (await engine.Store.FindAsync(successor))!;
        switch (child.Status)
        {
            case RunStatus.Completed:
                return StepEnd.Done(Encoding.UTF8.GetBytes(child.Result!));
            case RunStatus.Cancelled:
                return null;
            case RunStatus.Failed:
                try
                {
                    await engine.Engine.ResumeAsync(child.Id, $"run {parent.Id}");
                }
                catch (SoarException e) when (e is LeaseLostException || e.Code == "SOAR2033")
                {
                    // Somebody else resumed it just now.
                }

                break;
        }

        return new StepEnd(StepEndKind.Child) { Begun = child.Id };
    }

    /// <summary>The run that takes over after <c>RunAgain</c>: same version, same parent, fresh journal. Throws SOAR2021 when an input is none of the playbook's, or does not fit.</summary>
    public NewRun Successor(Run run, PlaybookHeader header, Tlp tlp, ReadOnlyMemory<byte> started, ReadOnlyMemory<byte> inputs)
    {
        var before = Json.Read<StartedRecord>(started);
        var merged = new Dictionary<string, JsonElement>(before.Inputs);
        var given = Json.Read<Dictionary<string, JsonElement>>(inputs);
        var problems = Strangers(header, given.Keys).ToList();
        foreach (var (name, value) in given)
        {
            if (header.Inputs.FirstOrDefault(i => i.Name == name) is not { } input) continue;
            if (Misfit(input, value) is { } problem) problems.Add(problem);
            else if (value.ValueKind == JsonValueKind.Null) merged.Remove(name);
            else merged[name] = value;
        }

        if (problems.Count > 0)
            throw new SoarException("SOAR2021", $"RunAgain has wrong inputs, so {header.Name} did not go on: {string.Join("; ", problems)}.");
        var record = before with { Inputs = merged, Instances = InstancesNow(), CaseId = run.CaseId, Tlp = tlp, StartedBy = $"run {run.Id}" };
        return Create(run.VersionHash, header, record, Lanes.Of(header.Type), run.Mode, null, run.Parent, run.ParentOrdinal, run.Source);
    }

    /// <summary>The journal of a run that was just created, as the store wrote it.</summary>
    public static JournalRecord FirstRecord(NewRun created) =>
        new(1, created.Run.CreatedAt.ToUnixTimeMilliseconds(), JournalKind.Started, -1, default, "", "", 0, created.Started);

    /// <param name="resumes">How often the run was resumed: it may end, and tell, more than once.</param>
    public static InboxItem TellParent(Run run, RunId parent, RunStatus status, byte[]? result, int resumes, DateTimeOffset now)
    {
        using var json = JsonDocument.Parse(result ?? "null"u8.ToArray());
        return new InboxItem(parent, resumes == 0 ? run.Id.ToString() : $"{run.Id}/{resumes}", InboxKind.ChildEnded, run.ParentOrdinal!.Value.ToString(), Json.Of(new ChildEnd(status.ToString(), json.RootElement)), now);
    }

    /// <summary>What a sub-run's end is to its parent.</summary>
    public static StepEnd ChildEnded(InboxItem item, bool withdrawn)
    {
        var end = Json.Read<ChildEnd>(item.Payload);
        if (end.Status == nameof(RunStatus.Completed)) return StepEnd.Done(Encoding.UTF8.GetBytes(end.Result!.Value.GetRawText()));
        if (withdrawn) return StepEnd.Cancelled();
        var why = end.Result is { ValueKind: JsonValueKind.Object } failure && failure.TryGetProperty("message", out var message) ? message.GetString() : null;
        return StepEnd.Failed(end.Status == nameof(RunStatus.Cancelled) ? "run-cancelled" : "run-failed", $"Sub-run {item.Id} ended {end.Status}. {why}", 1);
    }

    private NewRun Create(string hash, PlaybookHeader header, StartedRecord started, Lane lane, RunMode mode, string? triggerKey, RunId? parent, int? parentOrdinal, string? source = null) => new(new Run
    {
        Id = new RunId(engine.Ids.Next()), Playbook = started.Playbook, PlaybookVersion = started.PlaybookVersion, VersionHash = hash, Mode = mode, Status = RunStatus.Running,
        Parent = parent, ParentOrdinal = parentOrdinal, Depth = started.Depth, TriggerKey = triggerKey, CaseId = started.CaseId, StartedBy = started.StartedBy, Source = source, CreatedAt = engine.Now,
        Tlp = new[] { header.Tlp, started.Tlp ?? Tlp.Clear, started.Alert?.Tlp ?? Tlp.Clear }.Max(),
    }, Json.Of(started)) { Lane = lane };

    private Dictionary<string, IReadOnlyList<string>> InstancesNow()
    {
        var all = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var capability in engine.Catalog.Capabilities)
        {
            var names = engine.Instances.Names(capability.Name);
            if (names.Count > 0) all[capability.Name] = names;
        }

        return all;
    }

    private async Task<IReadOnlyDictionary<string, JsonElement>> InputsAsync(CompiledPlaybook playbook, Alert? alert, IReadOnlyDictionary<string, JsonElement> given)
    {
        var header = playbook.Header;
        var problems = Strangers(header, given.Keys).ToList();
        var inputs = new Dictionary<string, JsonElement>();
        var missing = new List<string>();
        foreach (var input in header.Inputs)
        {
            var value = given.TryGetValue(input.Name, out var told) && told.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
                ? told
                : await FromAlertAsync(playbook, input, alert) ?? Default(input);
            if (value is not { } found)
            {
                if (input.Type.EndsWith('?')) continue;
                missing.Add($"{input.Name} ({input.Type}: {input.Description})");
            }
            else if (Misfit(input, found) is { } problem)
            {
                problems.Add(problem);
            }
            else
            {
                inputs[input.Name] = found;
            }
        }

        if (missing.Count > 0) problems.Insert(0, $"these required inputs are missing: {string.Join(", ", missing)}");
        return problems.Count == 0
            ? inputs
            : throw new SoarException("SOAR2021", $"{header.Name} was not started: {string.Join("; ", problems)}.");
    }

    private static IEnumerable<string> Strangers(PlaybookHeader header, IEnumerable<string> names)
    {
        var known = header.Inputs.Count == 0 ? "It takes none" : $"It takes {string.Join(", ", header.Inputs.Select(i => i.Name))}";
        return names.Where(name => header.Inputs.All(i => i.Name != name)).Select(name => $"'{name}' is no input of {header.Name}. {known}");
    }

    private static string? Misfit(InputHeader input, JsonElement value) =>
        InputTypes.Problem(input.Type, value) is { } problem ? $"input '{input.Name}' is not a {input.Type}: {problem}" : null;

    private async Task<JsonElement?> FromAlertAsync(CompiledPlaybook playbook, InputHeader input, Alert? alert)
    {
        if (input.From is null || alert is null) return null;
        var json = await engine.Host.EvaluateAsync(playbook.Hash, playbook.AssemblyPath, input.From, alert, CancellationToken.None);
        var value = Parse(json);
        return value.ValueKind == JsonValueKind.Null ? null : value;
    }

    private static JsonElement? Default(InputHeader input) => input.DefaultJson is null ? null : Parse(Encoding.UTF8.GetBytes(input.DefaultJson));

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static string ModeWord(RunMode mode) => mode switch { RunMode.DryRun => "dry-run", RunMode.Test => "test", _ => "live" };
}
