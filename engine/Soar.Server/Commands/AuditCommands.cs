using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Storage;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar audit</c>: who did what; whether the record is as it was written; the record for others.</summary>
internal static class AuditCommands
{
    public static Command Audit()
    {
        var who = new Option<string?>("--who") { Description = "Only what this person did." };
        var on = new Option<string?>("--on") { Description = "Only what was done to this: a run, a question, a containment (its whole id)." };
        var max = new Option<int>("--max") { Description = "How many records.", DefaultValueFactory = _ => 50 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("audit", "Lists who changed what, the newest first.") { who, on, max, json, Verify(), Export(), Key() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var records = await reader.Audit.ListAsync(context.Parsed.GetValue(who), context.Parsed.GetValue(on), before: null, context.Parsed.GetValue(max));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(records.Select(Flat)); return CommandContext.Done; }
            if (records.Count == 0) { context.Terminal.Line("Nothing is on record that fits."); return CommandContext.Done; }
            var table = Terminal.Table("no", "at (UTC)", "who", "from", "what", "on", "how", "outcome");
            foreach (var record in records)
            {
                table.AddRow(record.Number.ToString(CultureInfo.InvariantCulture), RunsCommands.Time(record.At), Terminal.Safe(record.Entry.Who), Terminal.Safe(record.Entry.Origin), Terminal.Safe(record.Entry.What),
                    Terminal.Safe(record.Entry.Target), Terminal.Short(record.Entry.Details, 80), record.Entry.Outcome == "done" ? "done" : $"[red]{Terminal.Short(record.Entry.Outcome, 80)}[/]");
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var publicKey = new Option<string?>("--key") { Description = "PEM file of the public key, kept elsewhere. Default: the store's own key." };
        var command = new Command("verify", "Checks that no record was changed, removed or moved, and that the checkpoints' signatures hold. Exit code 1 when one does not.") { publicKey };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            using var key = context.Parsed.GetValue(publicKey) is { } file ? Read(file) : AuditTrail.Find(context.Workspace.Store);
            if (await reader.Audit.VerifyAsync(key) is { } problem)
            {
                context.Terminal.Error(problem, "SOAR3020");
                return CommandContext.Failed;
            }

            var newest = await reader.Audit.ListAsync(null, null, null, 1);
            context.Terminal.Line(newest.Count == 0 ? "Nothing is on record yet." : $"[green]✔[/] {Plural.Of(newest[0].Number, "record")}, each as it was written; the newest has the hash {newest[0].Hash}");
            if (newest.Count > 0) context.Terminal.Line($"  {Signed(newest[0].Number, await reader.Audit.SignedUpToAsync(), key is not null)}");
            return CommandContext.Done;
        });
        return command;
    }

    private static string Signed(long newest, long signed, bool withKey) => (withKey, newest - signed) switch
    {
        (false, _) => "There is no key here, so no signature was looked at: give --key.",
        (_, 0) => "All of them are signed.",
        (_, var left) => $"{(signed == 0 ? "None is signed yet" : $"Up to record {signed} they are signed")}; for {(signed == 0 ? "them" : $"the {left} after it")} only the chain speaks, which whoever writes to the store could write anew. The engine signs every {AuditStore.SignedEvery} records and when it ends.",
    };

    private static Command Export()
    {
        var syslog = new Option<bool>("--syslog") { Description = "As lines of RFC 5424 instead of JSON." };
        var command = new Command("export", "Prints the whole record, oldest first: JSON, one object a line.") { syslog };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            await foreach (var record in reader.Audit.ReadAllAsync())
                Console.Out.WriteLine(context.Parsed.GetValue(syslog) ? Syslog(record) : JsonSerializer.Serialize(Flat(record), SoarJson.Options));
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Key()
    {
        var command = new Command("key", "Prints the public key that verifies the checkpoints. Keep it where whoever changes the store cannot.");
        CommandContext.Handle(command, (context, _) =>
        {
            using var key = AuditTrail.Find(context.Workspace.Store) ?? throw new NotFoundException("audit key", context.Workspace.Store, "The first 'soar run' or 'soar serve' makes it.");
            Console.Out.WriteLine(key.ExportSubjectPublicKeyInfoPem());
            return Task.FromResult(CommandContext.Done);
        });
        return command;
    }

    private static System.Security.Cryptography.ECDsa Read(string file)
    {
        var key = System.Security.Cryptography.ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            key.Dispose();
            throw new SoarException("SOAR5001", $"{file} cannot be read as a key in PEM form: {error.Message}", error);
        }
    }

    private static object Flat(AuditRecord record) => new
    {
        number = record.Number, at = record.At, who = record.Entry.Who, origin = record.Entry.Origin, what = record.Entry.What, target = record.Entry.Target,
        details = JsonDocument.Parse(record.Entry.Details).RootElement, outcome = record.Entry.Outcome, previous = record.Previous, hash = record.Hash,
    };

    // Facility 13 (log audit), severity 5 (notice): RFC 5424 section 6.2.1.
    private static string Syslog(AuditRecord record) => string.Create(CultureInfo.InvariantCulture,
        $"<109>1 {record.At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Environment.MachineName} soar {Environment.ProcessId} {record.Entry.What} [audit@32473 number=\"{record.Number}\" who=\"{Parameter(record.Entry.Who)}\" origin=\"{Parameter(record.Entry.Origin)}\" target=\"{Parameter(record.Entry.Target)}\" outcome=\"{Parameter(record.Entry.Outcome)}\" hash=\"{record.Hash}\"] {record.Entry.Details.ReplaceLineEndings(" ")}");

    private static string Parameter(string text) => string.Concat(text.ReplaceLineEndings(" ").Select(c => c is '"' or '\\' or ']' ? $"\\{c}" : c.ToString()));
}
