using System.Collections.Concurrent;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Hosting;

namespace Soar.Scripting.Compile;

/// <summary>Where versions are kept that runs are pinned to; the store's <c>FindVersionAsync</c> and <c>NewestVersionAsync</c>.</summary>
public sealed record StoredVersions(Func<string, Task<CompiledPlaybook?>> ByHash, Func<string, Task<CompiledPlaybook?>> NewestByName)
{
    /// <summary>For what runs without a store.</summary>
    public static StoredVersions None { get; } = new(_ => Task.FromResult<CompiledPlaybook?>(null), _ => Task.FromResult<CompiledPlaybook?>(null));

    /// <summary>The current text of every published playbook: whatever the folder has under these names starts nothing.</summary>
    public Func<Task<IReadOnlyList<PublishedText>>> Published { get; init; } = () => Task.FromResult<IReadOnlyList<PublishedText>>([]);

    /// <summary>True: what is not published starts nothing but dry runs.</summary>
    public bool PublishedOnly { get; init; }
}

/// <summary>A playbook's text does not compile. <see cref="Diagnostics"/> has all findings.</summary>
public sealed class PlaybookRefusedException(string file, IReadOnlyList<PlaybookDiagnostic> diagnostics) : SoarException("SOAR1000", Say(file, diagnostics))
{
    public IReadOnlyList<PlaybookDiagnostic> Diagnostics { get; } = diagnostics;

    private static string Say(string file, IReadOnlyList<PlaybookDiagnostic> diagnostics)
    {
        var errors = diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).ToList();
        return $"{file} has {errors.Count} error{(errors.Count == 1 ? "" : "s")}:\n{string.Join('\n', errors)}";
    }
}

/// <summary>Compiled playbooks: by the hash a run is pinned to, by name (what is published first, then the folder, then the store), from a file.</summary>
public sealed class Playbooks(PlaybookCompiler compiler, string folder, StoredVersions stored) : IPlaybooks
{
    private readonly ConcurrentDictionary<string, CompiledPlaybook> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CompileResult> compiled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ((DateTime Written, long Length) Stamp, CompileResult Result)> read = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<CompiledPlaybook> ByHashAsync(string hash, CancellationToken cancellation)
    {
        if (known.TryGetValue(hash, out var remembered) && File.Exists(remembered.AssemblyPath)) return remembered;
        var version = await stored.ByHash(hash) ?? await InFolderAsync(hash, cancellation)
            ?? throw new NotFoundException("playbook version", hash, "It was never stored here: restore the store that its runs belong to.");
        CompileResult result;
        try
        {
            result = await compiler.CompileAsync(version.Source, version.File, new BuildOptions(), cancellation);
        }
        catch (SoarException down) when (down.Code == "SOAR1911")
        {
            throw NotNow(hash, version, down.Message, down);
        }

        if (result.Playbook is null)
        {
            // Slow, or out of memory beside others: that is about this machine now, not about the version.
            if (result.Errors.FirstOrDefault(d => d.Code is "SOAR1006" or "SOAR1007") is { } now) throw NotNow(hash, version, now.Message, null);
            throw new SoarException("SOAR1900",
                $"Version {hash[..Math.Min(12, hash.Length)]} of {version.File}, which runs are pinned to, no longer compiles: {result.Errors.First()} " +
                "Its runs are parked. Bring back the capability or engine version it was written for, then resume them.");
        }

        // The run keeps the name it is pinned to, also where a newer engine gives the same text another hash.
        return Remember(result.Playbook with { Hash = hash });
    }

    private static SoarException NotNow(string hash, CompiledPlaybook version, string why, Exception? inner) =>
        new("SOAR1901", $"Version {hash[..Math.Min(12, hash.Length)]} of {version.File}, which runs are pinned to, could not be compiled now: {why} It is tried again.", inner);

    /// <inheritdoc/>
    public async Task<CompiledPlaybook> ByNameAsync(string name, CancellationToken cancellation)
    {
        if (await CurrentAsync(name) is { } published) return await FromTextAsync(published.Source, published.File, cancellation);
        if (stored.PublishedOnly) throw NotPublished(name);
        foreach (var path in Files().OrderBy(path => Path.GetFileNameWithoutExtension(path) == name ? 0 : 1).ThenBy(path => path, StringComparer.Ordinal))
        {
            if (NameIn(await File.ReadAllTextAsync(path, cancellation)) == name) return await FromFileAsync(path, cancellation);
        }

        return await stored.NewestByName(name) is { } newest
            ? await ByHashAsync(newest.Hash, cancellation)
            : throw new NotFoundException("playbook", name, $"Put {name}.csx into {folder}, or look at 'soar catalog' for the names there are.");
    }

    /// <summary>The text that new runs of this playbook take; null when none is published.</summary>
    public async Task<PublishedText?> CurrentAsync(string name) => (await stored.Published()).FirstOrDefault(text => text.Playbook == name);

    /// <summary>A file that somebody wants to run for real: where its playbook is published it must be what is current. Throws SOAR2076.</summary>
    public async Task<CompiledPlaybook> FileToRunAsync(string path, CancellationToken cancellation)
    {
        var playbook = await FromFileAsync(path, cancellation);
        var name = playbook.Header.Name;
        if (await CurrentAsync(name) is { } current)
        {
            return current.Source == playbook.Source
                ? playbook
                : throw new SoarException("SOAR2076", $"{Path.GetFileName(path)} is not what is published of '{name}': that is {current.Version}, with another text. Nothing was started. Run it by its name, try the file with --dry-run, or publish it: soar publish {name}");
        }

        return stored.PublishedOnly ? throw NotPublished(name) : playbook;
    }

    private static SoarException NotPublished(string name) =>
        new("SOAR2076", $"'{name}' is not published, and versions.required of the settings lets only published playbooks run. Nothing was started. Publish it (soar publish {name}), or try its file with --dry-run.");

    /// <inheritdoc/>
    public async Task<TriggeredPlaybooks> TriggeredByAsync(string kind, CancellationToken cancellation)
    {
        var (found, broken, unreadable, names) = (new List<CompiledPlaybook>(), new List<(string, string)>(), new List<(string, string)>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var text in await stored.Published())
        {
            names.Add(text.Playbook);
            Sort(await CompiledAsync(text.Content, (text.Source, text.File), cancellation), text.Playbook + ".csx");
        }

        foreach (var path in stored.PublishedOnly ? [] : Files().Order(StringComparer.Ordinal).Where(path => !names.Contains(Path.GetFileNameWithoutExtension(path))))
        {
            var result = await ReadAsync(path, cancellation);
            if (result.Header is null || names.Add(result.Header.Name) || result.Playbook is null) Sort(result, Path.GetFileName(path));
        }

        return new TriggeredPlaybooks(found, broken) { Unreadable = unreadable };

        void Sort(CompileResult result, string file)
        {
            if (result.Header is null) unreadable.Add((file, result.Errors.First().ToString()));
            if (result.Header?.Triggers.Any(t => t.Kind == kind) != true) return;
            if (result.Playbook is null) broken.Add((file, result.Errors.First().ToString()));
            else found.Add(Remember(result.Playbook));
        }
    }

    /// <summary>A published text, compiled once.</summary>
    private async Task<CompileResult> CompiledAsync(string content, (string Source, string File) text, CancellationToken cancellation)
    {
        if (compiled.TryGetValue(content, out var before) && (before.Playbook is null || File.Exists(before.Playbook.AssemblyPath))) return before;
        var result = await compiler.CompileAsync(text.Source, text.File, new BuildOptions(), cancellation);
        // What was too slow or took too much memory beside others says nothing about the text.
        if (!result.Errors.Any(d => d.Code is "SOAR1006" or "SOAR1007")) compiled[content] = result;
        return result;
    }

    /// <summary>Compiles a file of the folder unless it has not been touched since the last time.</summary>
    private async Task<CompileResult> ReadAsync(string path, CancellationToken cancellation)
    {
        var file = new FileInfo(path);
        var stamp = (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
        if (read.TryGetValue(path, out var before) && before.Stamp == stamp && (before.Result.Playbook is null || File.Exists(before.Result.Playbook.AssemblyPath))) return before.Result;
        var result = await compiler.CompileAsync(await File.ReadAllTextAsync(path, cancellation), path, new BuildOptions(), cancellation);
        read[path] = (stamp, result);
        return result;
    }

    /// <summary>Compiles a file (or takes it from the cache). Throws <see cref="PlaybookRefusedException"/> with every finding.</summary>
    public async Task<CompiledPlaybook> FromFileAsync(string path, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException("playbook file", path, "Check the path.");
        }

        return await FromTextAsync(text, path, cancellation);
    }

    /// <summary>Compiles a text that stands in no file yet. Throws <see cref="PlaybookRefusedException"/> with every finding.</summary>
    /// <param name="path">As findings name it.</param>
    public async Task<CompiledPlaybook> FromTextAsync(string text, string path, CancellationToken cancellation)
    {
        var result = await compiler.CompileAsync(text, path, new BuildOptions(), cancellation);
        return result.Playbook is { } playbook ? Remember(playbook) : throw new PlaybookRefusedException(path, result.Diagnostics);
    }

    /// <summary>The tracing build of a version: the same code with probes, for <c>soar show --why</c> and for coverage.</summary>
    public async Task<CompiledPlaybook> TracingAsync(CompiledPlaybook playbook, CancellationToken cancellation)
    {
        var result = await compiler.CompileAsync(playbook.Source, playbook.File, new BuildOptions(Trace: true), cancellation);
        return result.Playbook is { } traced ? traced with { Hash = playbook.Hash } : throw new PlaybookRefusedException(playbook.File, result.Diagnostics);
    }

    private CompiledPlaybook Remember(CompiledPlaybook playbook) => known[playbook.Hash] = playbook;

    private IEnumerable<string> Files() => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.csx", SearchOption.AllDirectories) : [];

    private async Task<CompiledPlaybook?> InFolderAsync(string hash, CancellationToken cancellation)
    {
        foreach (var path in Files())
        {
            var text = await File.ReadAllTextAsync(path, cancellation);
            if (compiler.HashOf(text) == hash) return await FromFileAsync(path, cancellation);
        }

        return null;
    }

    /// <summary>The name as the first statement writes it, without binding anything.</summary>
    private static string? NameIn(string text)
    {
        var source = PlaybookSource.Parse(text, "", CancellationToken.None);
        return source.Statements is [var first, ..] && HeaderSyntax.Of(first) is { Word: "Playbook" } playbook && playbook["name"] is LiteralExpressionSyntax { Token.Value: string name } ? name : null;
    }
}
