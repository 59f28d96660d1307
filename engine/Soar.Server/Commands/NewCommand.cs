using System.CommandLine;
using Soar.Server.Display;

namespace Soar.Server.Commands;

/// <summary><c>soar new</c>: a playbook that checks and passes its tests, to be changed into one's own.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Where in the playbooks' folder, for example containment/disable-account." };
        var type = new Option<string>("--type", "-t")
        {
            Description = "What it is for: detection looks for something, investigation finds out (the default), prevention shuts a way before it is used, mitigation stops something for a time, remediation puts something right, "
                + "notification tells somebody and waits for them, engagement leads an attacker on, attack rehearses one.",
            DefaultValueFactory = _ => "investigation",
        };
        type.AcceptOnlyFromAmong([.. Enum.GetNames<PlaybookType>().Select(kind => kind.ToLowerInvariant())]);
        var command = new Command("new", "Makes a playbook and its tests, or a connector.") { name, type, NewConnectorCommand.Create() };
        CommandContext.Handle(command, (context, _) => Task.FromResult(Make(context, context.Parsed.GetRequiredValue(name), context.Parsed.GetRequiredValue(type))));
        return command;
    }

    private static int Make(CommandContext context, string name, string type)
    {
        var plain = name.EndsWith(".csx", StringComparison.Ordinal) ? name[..^4] : name;
        var slug = Path.GetFileName(plain);
        if (slug.Length == 0 || !char.IsAsciiLetterLower(slug[0]) || slug.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            throw new SoarException("SOAR5001", $"'{slug}' cannot be a playbook's name: write small letters, digits and hyphens, beginning with a letter, for example disable-account.");
        var playbook = Path.GetFullPath(Path.Combine(context.Workspace.Playbooks, plain + ".csx"));
        if (!playbook.StartsWith(context.Workspace.Playbooks + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new SoarException("SOAR5001", $"'{name}' leads out of the playbooks' folder {context.Workspace.Playbooks}.");
        var tests = Path.ChangeExtension(playbook, null) + ".tests.yaml";
        foreach (var file in new[] { playbook, tests })
            if (File.Exists(file)) throw new SoarException("SOAR5001", $"{file} exists already. Give another name, or change that file.");
        Directory.CreateDirectory(Path.GetDirectoryName(playbook)!);
        File.WriteAllText(playbook, Frame($"{type}.csx", slug));
        File.WriteAllText(tests, Frame($"{type}.tests.yaml", slug));
        context.Terminal.Line($"Made the {type} [bold]{Terminal.Safe(Relative(playbook))}[/] and its tests. Next:");
        context.Terminal.Line($"  soar check {Terminal.Safe(slug)}");
        context.Terminal.Line($"  soar test {Terminal.Safe(slug)}");
        context.Terminal.Line($"  soar graph {Terminal.Safe(slug)}");
        return CommandContext.Done;
    }

    private static string Relative(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path);

    /// <summary>A frame of this program: text with NAME where the playbook's name belongs.</summary>
    private static string Frame(string file, string slug)
    {
        using var stream = typeof(NewCommand).Assembly.GetManifestResourceStream($"frames/{file}")!;
        return new StreamReader(stream).ReadToEnd().Replace("NAME", slug, StringComparison.Ordinal);
    }
}
