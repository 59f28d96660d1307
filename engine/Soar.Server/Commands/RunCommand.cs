using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar run</c>: starts a playbook and follows it; questions are answered at the prompt.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var playbook = new Argument<string>("playbook") { Description = "A playbook's name, or the path of a .csx file." };
        var alert = new Option<string?>("--alert", "-a") { Description = "File with the alert (Soar JSON, Suricata EVE, or a raw mail); - reads standard input." };
        var inputs = new Option<string[]>("--input", "-i") { Description = "An input as name=value; may be given several times. Values are text, or JSON." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Dispatch reads only; list every effect and let the connector's simulator answer it." };
        var answer = new Option<string?>("--answer") { Description = "Answer every question of this run and its sub-playbooks with approve or refuse, in your name." };
        var command = new Command("run", "Runs a playbook and shows its steps as they happen.") { playbook, alert, inputs, dryRun, answer };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var parsed = context.Parsed;
            var reply = parsed.GetValue(answer);
            if (reply is not null and not "approve" and not "refuse")
                throw new SoarException("SOAR5001", $"--answer is '{reply}' but must be approve or refuse.");
            var (path, name) = await AskedAsync(context.Workspace, parsed.GetRequiredValue(playbook));
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var read = parsed.GetValue(alert) is { } file
                ? await AlertFile.ReadAsync(file, SoarNode.ArtifactsOf(context.Workspace), context.Clock, cancellation)
                : null;
            var call = new RunCall(path, read, Inputs(parsed.GetValue(inputs) ?? []), parsed.GetValue(dryRun) ? RunMode.DryRun : RunMode.Live, context.User, name);
            return await new Follower(context, node, reply).RunAsync(Calls.Run, call, cancellation);
        });
        return command;
    }

    /// <summary>A path is that file; a name is the playbook, which needs no file once it is published.</summary>
    private static async Task<(string Path, string? Name)> AskedAsync(Workspace workspace, string asked)
    {
        if (File.Exists(asked) || asked.EndsWith(".csx", StringComparison.Ordinal)) return (workspace.Playbook(asked), null);
        try
        {
            return (workspace.Playbook(asked), asked);
        }
        catch (SoarException missing) when (missing.Code == "SOAR5004")
        {
            using var store = SoarNode.TryOpenReader(workspace);
            if (store is null || (await store.Versions.CurrentAsync()).All(text => text.Playbook != asked)) throw;
            return ("", asked);
        }
    }

    internal static Dictionary<string, JsonElement> Inputs(IEnumerable<string> pairs)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=');
            if (equals < 1) throw new SoarException("SOAR5001", $"--input '{pair}' must be name=value.");
            var (name, text) = (pair[..equals], pair[(equals + 1)..]);
            if (!values.TryAdd(name, Value(text))) throw new SoarException("SOAR5001", $"--input {name} is given twice.");
        }

        return values;
    }

    // "24h" is a duration, {"a":1} and [1] are JSON, everything else is text; the input's declared type decides what text means.
    private static JsonElement Value(string text)
    {
        if (text.Length > 0 && text[0] is '{' or '[' or '"')
        {
            try
            {
                return JsonDocument.Parse(text).RootElement;
            }
            catch (JsonException error)
            {
                throw new SoarException("SOAR5001", $"The value '{text}' begins like JSON but is not: {error.Message}", error);
            }
        }

        return JsonSerializer.SerializeToElement(text, SoarJson.Options);
    }
}
