using System.Security.Cryptography;
using System.Text;
using Soar.Hosting;

namespace Soar.Scripting.Compile;

/// <summary>Builds playbooks: in this process (<see cref="PlaybookBuilder"/>) or in a jailed one (<see cref="CompileWorker"/>).</summary>
public interface IPlaybookBuilder
{
    Task<BuildResult> BuildAsync(string text, string file, BuildOptions options, CancellationToken cancellation);
}

/// <summary>A playbook's findings, and the compiled version when none of them is an error.</summary>
/// <param name="Header">As far as it could be read, even from a playbook with errors.</param>
public sealed record CompileResult(IReadOnlyList<PlaybookDiagnostic> Diagnostics, PlaybookHeader? Header, CompiledPlaybook? Playbook)
{
    public IEnumerable<PlaybookDiagnostic> Errors => Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error);
}

/// <summary>
/// The way from text to a compiled version: the cache first, else a builder, whose assembly this process writes to the cache. A version's hash is SHA-256
/// over source, engine version and capability surface.
/// </summary>
/// <param name="surface">Stands for everything that capabilities bring into scope: <see cref="PlaybookSurface.Hash"/>.</param>
public sealed class PlaybookCompiler(IPlaybookBuilder builder, string surface, PlaybookCache cache)
{
    /// <summary>The engine version that goes into every hash.</summary>
    public static string EngineVersion { get; } = typeof(PlaybookCompiler).Assembly.GetName().Version!.ToString(3);

    /// <summary>The hash that names this text's version.</summary>
    public string HashOf(string text) => Hash(text, surface);

    /// <param name="file">As findings name it.</param>
    public async Task<CompileResult> CompileAsync(string text, string file, BuildOptions options, CancellationToken cancellation)
    {
        var hash = HashOf(text);
        var key = options.Trace ? hash + ".trace" : hash;
        if (cache.Find(key) is { } hit)
            return Result(hash, hit.AssemblyPath, text, file, hit.Entry.Header, [.. hit.Entry.Diagnostics.Select(d => d with { File = file })]);
        var built = await builder.BuildAsync(text, file, options, cancellation);
        if (built is not { Assembly: { Length: > 0 } assembly, Header: { } header }) return new(built.Diagnostics, built.Header, null);
        return Result(hash, cache.Put(key, assembly, header, built.Diagnostics), text, file, header, built.Diagnostics);
    }

    private static CompileResult Result(string hash, string path, string text, string file, PlaybookHeader header, IReadOnlyList<PlaybookDiagnostic> diagnostics) =>
        new(diagnostics, header, new CompiledPlaybook(hash, path, file, text, header));

    private static string Hash(string text, string surface)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string>)[text, EngineVersion, surface])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes((long)bytes.Length)); // lengths first, so that no two lists of parts look alike
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
