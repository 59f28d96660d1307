using Soar.Errors;
using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Server.Display;
using Soar.Server.Settings;

namespace Soar.Server.Node;

/// <summary>What is right in a playbook by itself and will surprise whoever runs it here: told before anything starts, refusing nothing.</summary>
/// <param name="store">Null: there is none to look at.</param>
internal sealed class PlaybookWarnings(Toolchain tools, NodeReader? store)
{
    /// <summary>Of files as they stand, in the order given; with what the compiler found in each.</summary>
    public async Task<IReadOnlyList<CatalogEntry>> WithAsync(IReadOnlyList<string> files, IReadOnlyList<CatalogEntry> entries, CancellationToken cancellation)
    {
        var told = new List<CatalogEntry>();
        foreach (var (file, entry) in files.Zip(entries))
        {
            var found = entry.Header is null ? [] : await OfAsync(await File.ReadAllTextAsync(file, cancellation), file, entry.Header);
            told.Add(found.Count == 0 ? entry : entry with { Diagnostics = PlaybookDiagnostic.Sorted([.. entry.Diagnostics, .. found]) });
        }

        return told;
    }

    /// <summary>Tells of the whole folder as it stands now. Compiling many takes its time, which nothing else waits for.</summary>
    public async Task TellAsync(Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            foreach (var file in tools.Workspace.PlaybookFiles())
            {
                if ((await tools.CheckAsync([file], cancellation))[0].Header is not { } header) continue;
                foreach (var warning in await OfAsync(await File.ReadAllTextAsync(file, cancellation), file, header)) terminal.Line(Line(warning));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped before everything was looked at.
        }
    }

    /// <summary>One line of markup.</summary>
    public static string Line(PlaybookDiagnostic warning) => $"[yellow]![/] {Terminal.Safe(Text(warning))}";

    public static string Text(PlaybookDiagnostic warning) => $"{Path.GetFileName(warning.File)}:{warning.Line}: {warning.Code}: {warning.Sentence()}";

    /// <summary>What is told before a run of this playbook begins.</summary>
    /// <param name="file">What the folder has under its name; empty where that is nothing.</param>
    public async Task<IReadOnlyList<PlaybookDiagnostic>> OfRunAsync(CompiledPlaybook playbook, string file)
    {
        var written = File.Exists(file) ? await File.ReadAllTextAsync(file) : playbook.Source;
        var found = await OfAsync(playbook.Source, file.Length > 0 ? file : playbook.File, playbook.Header);
        return written == playbook.Source || Unpublished(written, file, await CurrentAsync(playbook.Header.Name)) is not { } differs ? found : [.. found, differs];
    }

    private async Task<PublishedText?> CurrentAsync(string playbook) => store is null ? null : (await store.Versions.CurrentAsync()).FirstOrDefault(text => text.Playbook == playbook);

    /// <summary>That a file is not what runs; null when it is.</summary>
    private static PlaybookDiagnostic? Unpublished(string text, string file, PublishedText? current)
    {
        if (current is null || current.Source == text) return null;
        var read = new PlaybookText(text, file);
        return read.Warning(read.VersionSpan, "SOAR2008", $"This text does not run: {current.Playbook} {current.Version} is published, with another one.",
            $"'soar versions compare {current.Playbook}' shows the difference; 'soar publish {current.Playbook}' publishes this one, under a version of its own.");
    }

    public async Task<IReadOnlyList<PlaybookDiagnostic>> OfAsync(string text, string file, PlaybookHeader header)
    {
        var read = new PlaybookText(text, file);
        List<PlaybookDiagnostic> found = [.. OfSettings(read, header), .. OfWebhooks(read, header)];
        var current = await CurrentAsync(header.Name);
        if (Unpublished(text, file, current) is { } differs) found.Add(differs);
        // A text that is not published leaves no record of live runs.
        if (current is null && store is not null && await store.Runs.OtherContentAsync(header.Name, header.Version, text) is { } last)
        {
            found.Add(read.Warning(read.VersionSpan, "SOAR2007", $"{header.Name}@{header.Version} has runs with other content, the last of {last.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.",
                "Raise the version, so that records of runs say which text they went by."));
        }

        return found;
    }

    /// <summary>Capabilities and instances that no connector of soar.yaml brings: a run would fail where it comes to them.</summary>
    private IEnumerable<PlaybookDiagnostic> OfSettings(PlaybookText read, PlaybookHeader header)
    {
        var needed = header.Capabilities.Where(name => tools.Catalog.FindCapability(name) is { BuiltIn: false }).ToList();
        foreach (var use in read.Uses(needed))
        {
            var names = tools.Registry.Names(use.Capability);
            if (names.Count == 0)
            {
                if (use.Instance is null) yield return read.Warning(use.Span, "SOAR4007", $"{use.Capability} is used, and no connector {InSettings()} brings it.", Bring(use.Capability));
            }
            else if (use.Instance is { } instance && !names.Contains(instance, StringComparer.Ordinal))
            {
                yield return read.Warning(use.Span, "SOAR4006", $"{use.Capability} has no instance '{instance}' {InSettings()}.", Nearest.To(instance, names) is { } meant ? $"Did you mean '{meant}'?" : $"It has {string.Join(", ", names)}.");
            }
        }
    }

    /// <summary>Webhooks that are closed: nobody has a secret to show.</summary>
    private IEnumerable<PlaybookDiagnostic> OfWebhooks(PlaybookText read, PlaybookHeader header) =>
        from trigger in header.Triggers
        where trigger.Kind == "webhook" && tools.Settings.Hooks.GetValueOrDefault(trigger.Text)?.Open != true
        select read.Warning(read.WebhookSpan(trigger.Text), "SOAR4009", $"The webhook '{trigger.Text}' is closed {InSettings()}: nothing can start this playbook by it.", HowToOpen(trigger.Text));

    /// <summary>What makes a closed webhook take what is posted to it.</summary>
    public static string HowToOpen(string hook) => $"Give it a secret in soar.yaml: hooks: {{ {hook}: {{ token: 'file:{hook}-token' }} }}, or signingSecret for senders that sign; make one with: openssl rand -hex 24";

    private string InSettings() => tools.Workspace.SettingsPath is null ? "(no soar.yaml was found)" : "in soar.yaml";

    private string Bring(string capability)
    {
        var types = tools.Registry.Types.Values.Where(type => type.Capabilities.Any(c => c.Name == capability)).Select(type => type.Declared.Type).ToList();
        return types.Count == 0
            ? "No connector type here brings it; 'soar connectors' lists the types."
            : $"Add one to connectors: of the type {string.Join(" or ", types)}; 'soar connectors {types[0]}' shows its settings, and simulated: true is enough to try it.";
    }
}
