using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Credentials;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar credentials</c>: what connectors and hooks are given as <c>credential:name</c>. Values go in by a prompt or standard input, and never come out.</summary>
internal static class CredentialCommands
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("credentials", "Lists the credentials in the store, and who uses them; never a value.") { json, Named("list", "The same.", json), Set(), Remove(), Rotate(), Key() };
        CommandContext.Handle(command, (context, _) => ListAsync(context, context.Parsed.GetValue(json)));
        return command;
    }

    private static Command Named(string name, string description, Option<bool> json)
    {
        var command = new Command(name, description) { json };
        CommandContext.Handle(command, (context, _) => ListAsync(context, context.Parsed.GetValue(json)));
        return command;
    }

    private static Command Set()
    {
        var name = new Argument<string>("name") { Description = "a to z, digits and . _ -; soar.yaml refers to it as credential:name." };
        var command = new Command("set", "Sets a credential, or gives it a new value: typed at a prompt that shows nothing, or from standard input; an argument would be seen in the list of processes.") { name };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var given = context.Parsed.GetRequiredValue(name);
            var call = new SetCredentialCall(given, await ValueAsync(context.Terminal, given, cancellation), context.User);
            var kept = (await CredentialLine.CallAsync(context, Calls.SetCredential, call, cancellation)).Deserialize<CredentialView>(SoarJson.Options)!;
            context.Terminal.Line(kept.Version == 1
                ? $"[green]✔[/] {Terminal.Safe(given)} is set. Write [blue]credential:{Terminal.Safe(given)}[/] where soar.yaml wants the secret."
                : $"[green]✔[/] {Terminal.Safe(given)} has a new value{(kept.References.Count == 0 ? "" : $", which {Terminal.Safe(string.Join(", ", kept.References))} takes from now on")}.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("name") { Description = "The credential." };
        var command = new Command("remove", "Removes a credential that no setting in use refers to.") { name };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await CredentialLine.CallAsync(context, Calls.RemoveCredential, new RemoveCredentialCall(context.Parsed.GetRequiredValue(name), context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(context.Parsed.GetValue(name))} is removed.");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Rotate()
    {
        var command = new Command("rotate", "Encrypts everything anew under the key that credentials.key of soar.yaml names now, while the server runs; those of before stand in credentials.oldKeys until it is done.");
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var done = (await CredentialLine.CallAsync(context, Calls.RotateCredentials, new RotateCredentialsCall(context.User), cancellation)).Deserialize<Rotation>(SoarJson.Options)!;
            context.Terminal.Line($"[green]✔[/] {Plural.Of(done.Credentials, "credential")} and {Plural.Of(done.Authenticators, "authenticator")}{(done.LinkKey ? ", and the key of mails' links," : "")} are encrypted anew under the key {Terminal.Safe(done.Key)}.");
            foreach (var left in done.Left) context.Terminal.Line($"[red]✘[/] {Terminal.Safe(left)}");
            if (done.Left.Count == 0) context.Terminal.Line("  Nothing in the store needs credentials.oldKeys any more; backups from before do.");
            return done.Left.Count == 0 ? CommandContext.Done : CommandContext.Failed;
        });
        return command;
    }

    private static Command Key()
    {
        var file = new Argument<string>("file") { Description = "A file that is not there yet, outside of the store's folder." };
        var command = new Command("key", "Makes a key in a new file that only its owner reads, for credentials.key of soar.yaml.") { file };
        CommandContext.Handle(command, (context, _) =>
        {
            var path = Path.GetFullPath(context.Parsed.GetRequiredValue(file));
            if (path.StartsWith(context.Workspace.Store + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new SoarException("SOAR5001", $"{path} lies in the store's folder: whoever copies the store would have its key too. Put it elsewhere, for example /etc/soar/credentials.key.");
            Write(path);
            context.Terminal.Line($"[green]✔[/] A new key lies in {Terminal.Safe(path)}. Name it in soar.yaml: credentials: {{ key: \"file:{Terminal.Safe(path)}\" }}");
            context.Terminal.Line("  Keep a copy of it apart from the backups: without it nothing that is encrypted under it can be read again.");
            return Task.FromResult(CommandContext.Done);
        });
        return command;
    }

    private static void Write(string path)
    {
        try
        {
            using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            stream.Write(System.Text.Encoding.ASCII.GetBytes(KeyRing.NewKey() + "\n"));
            stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SoarException("SOAR5001", $"The key cannot be written ({error.Message.TrimEnd('.')}). Name a file that is not there yet, in a folder that you may write: a key that is in use is never written over.", error);
        }
    }

    private static async Task<int> ListAsync(CommandContext context, bool json)
    {
        var reader = SoarNode.TryOpenReader(context.Workspace);
        using var closing = reader;
        var rows = reader is null ? [] : await reader.Credentials.ListAsync();
        var uses = reader is null ? [] : await reader.Credentials.UsesAsync();
        var views = rows.Select(row => CredentialView.Of(row, [.. uses.Where(use => use.Credential == row.Name)], [])).ToList();
        if (json) { context.Terminal.Json(views.Select(v => new { v.Name, v.Version, v.SetBy, v.SetAt, v.SealedAt, v.Key, v.Uses })); return CommandContext.Done; }
        if (views.Count == 0) { context.Terminal.Line("There is no credential yet. 'soar credentials set <name>' sets one."); return CommandContext.Done; }
        var table = Terminal.Table("name", "set by", "set (UTC)", "version", "key", "used by, last (UTC)");
        foreach (var view in views)
        {
            var used = string.Join(", ", view.Uses.Select(use => $"{use.By} {RunsCommands.Time(use.At)}"));
            table.AddRow(Terminal.Safe(view.Name), Terminal.Safe(view.SetBy), RunsCommands.Time(view.SetAt), $"{view.Version}", Terminal.Safe(view.Key), used.Length == 0 ? "never" : Terminal.Safe(used));
        }

        context.Terminal.Ansi.Write(table);
        return CommandContext.Done;
    }

    private static async Task<string> ValueAsync(Terminal terminal, string name, CancellationToken cancellation)
    {
        if (Console.IsInputRedirected) return (await Console.In.ReadToEndAsync(cancellation)).TrimEnd('\r', '\n');
        using var hidden = new HiddenInput(cancellation);
        var value = Ask($"Value of {name} (it is not shown): ");
        return Ask("Once more: ") == value ? value : throw new SoarException("SOAR5001", "The two are not the same. Nothing was set.");

        string Ask(string prompt)
        {
            terminal.Errors.Markup(Terminal.Safe(prompt));
            var line = hidden.ReadLine();
            terminal.Errors.WriteLine();
            cancellation.ThrowIfCancellationRequested();
            return line;
        }
    }
}
