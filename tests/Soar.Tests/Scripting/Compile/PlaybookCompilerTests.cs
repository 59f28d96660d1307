using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Testing;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>The cache on disk, versions by hash and name, and the catalogue of a folder.</summary>
public sealed class PlaybookCompilerTests
{
    private const string Good = Head + "await Wait(1.Hours);";

    [Fact]
    public async Task A_second_compilation_takes_the_assembly_from_the_cache()
    {
        using var folder = new TempFolder();
        var builder = new Counting();
        var first = await Compiler(folder, builder).CompileAsync(Good, "a.csx", new BuildOptions(), CancellationToken.None);
        var second = await Compiler(folder, builder).CompileAsync(Good, "elsewhere/b.csx", new BuildOptions(), CancellationToken.None);
        Assert.Equal(1, builder.Builds);
        Assert.Equal((first.Playbook!.Hash, first.Playbook.AssemblyPath), (second.Playbook!.Hash, second.Playbook.AssemblyPath));
        Assert.Equal(("elsewhere/b.csx", Good, "test"), (second.Playbook.File, second.Playbook.Source, second.Playbook.Header.Name));
        Assert.Equal(first.Playbook.Hash + ".dll", Path.GetFileName(first.Playbook.AssemblyPath));
    }

    [Fact]
    public async Task Another_text_surface_or_tracing_is_another_entry()
    {
        using var folder = new TempFolder();
        var builder = new Counting();
        await Compiler(folder, builder).CompileAsync(Good, "a.csx", new BuildOptions(), CancellationToken.None);
        await Compiler(folder, builder).CompileAsync(Good + " ", "a.csx", new BuildOptions(), CancellationToken.None);
        await Compiler(folder, builder, "another surface").CompileAsync(Good, "a.csx", new BuildOptions(), CancellationToken.None);
        await Compiler(folder, builder).CompileAsync(Good, "a.csx", new BuildOptions(Trace: true), CancellationToken.None);
        Assert.Equal(4, builder.Builds);
    }

    [Fact]
    public async Task Warnings_are_kept_with_the_entry_and_name_the_file_asked_for()
    {
        using var folder = new TempFolder();
        var text = Head + "var unused = 1;";
        await Compiler(folder, Builder).CompileAsync(text, "a.csx", new BuildOptions(), CancellationToken.None);
        var again = await Compiler(folder, new Counting()).CompileAsync(text, "b.csx", new BuildOptions(), CancellationToken.None);
        Assert.Equal(("CS0219", "b.csx", 2, PlaybookSeverity.Warning), Assert.Single(again.Diagnostics) is var d ? (d.Code, d.File, d.Line, d.Severity) : default);
    }

    [Theory]
    [InlineData(".dll", "not an assembly")]
    [InlineData(".dll", "")]
    [InlineData(".dll", null)]
    [InlineData(".json", "{")]
    [InlineData(".json", "{}")]
    [InlineData(".json", "null")]
    [InlineData(".json", null)]
    public async Task A_damaged_entry_is_compiled_again_and_written_anew(string part, string? content)
    {
        using var folder = new TempFolder();
        var builder = new Counting();
        var path = (await Compiler(folder, builder).CompileAsync(Good, "a.csx", new BuildOptions(), CancellationToken.None)).Playbook!.AssemblyPath;
        var whole = await File.ReadAllBytesAsync(path);
        if (content is null) File.Delete(Path.ChangeExtension(path, part));
        else await File.WriteAllTextAsync(Path.ChangeExtension(path, part), content);
        var again = await Compiler(folder, builder).CompileAsync(Good, "a.csx", new BuildOptions(), CancellationToken.None);
        Assert.Equal(2, builder.Builds);
        Assert.Equal(whole, await File.ReadAllBytesAsync(again.Playbook!.AssemblyPath));
    }

    [Fact]
    public async Task A_text_with_errors_leaves_nothing_in_the_cache()
    {
        using var folder = new TempFolder();
        var result = await Compiler(folder, Builder).CompileAsync(Head + "nonsense;", "a.csx", new BuildOptions(), CancellationToken.None);
        Assert.Null(result.Playbook);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task The_entries_asked_for_longest_ago_go_first_and_young_ones_stay()
    {
        using var folder = new TempFolder();
        var clock = new Clock();
        var cache = new PlaybookCache(folder.Path, new PlaybookCacheOptions { MaxEntries = 2, KeepAtLeast = TimeSpan.FromMinutes(10) }, clock);
        var compiler = new PlaybookCompiler(Builder, Surface.Hash, cache);
        async Task<string> Compile(int n) => (await compiler.CompileAsync($"{Head}await Wait({n}.Hours);", "a.csx", new BuildOptions(), CancellationToken.None)).Playbook!.AssemblyPath;
        var first = await Compile(1);
        clock.Now += TimeSpan.FromHours(1);
        var second = await Compile(2);
        clock.Now += TimeSpan.FromHours(1);
        await Compile(1); // asked for again: now the second is the oldest
        var third = await Compile(3);
        Assert.Equal([true, false, true], new[] { first, second, third }.Select(File.Exists));
        var fourth = await Compile(4);
        Assert.Equal([true, true, true], new[] { first, third, fourth }.Select(File.Exists));
    }

    [Fact]
    public async Task A_pinned_version_is_compiled_again_from_its_stored_source_under_its_own_name()
    {
        using var folder = new TempFolder();
        var stored = new CompiledPlaybook(new string('a', 64), "", "old.csx", Good, null!);
        var playbooks = new Playbooks(Compiler(folder, Builder), folder.Path, StoredVersions.None with { ByHash = hash => Task.FromResult(hash == stored.Hash ? stored : null) });
        var version = await playbooks.ByHashAsync(stored.Hash, CancellationToken.None);
        Assert.Equal((stored.Hash, Good, "test"), (version.Hash, version.Source, version.Header.Name));
        Assert.True(File.Exists(version.AssemblyPath));
        File.Delete(version.AssemblyPath);
        Assert.True(File.Exists((await playbooks.ByHashAsync(stored.Hash, CancellationToken.None)).AssemblyPath));
    }

    [Fact]
    public async Task A_pinned_version_that_no_longer_compiles_is_SOAR1900()
    {
        using var folder = new TempFolder();
        var stored = new CompiledPlaybook(new string('b', 64), "", "old.csx", Head + "await Gone.Do();", null!);
        var playbooks = new Playbooks(Compiler(folder, Builder), folder.Path, StoredVersions.None with { ByHash = _ => Task.FromResult<CompiledPlaybook?>(stored) });
        var problem = await Assert.ThrowsAsync<SoarException>(() => playbooks.ByHashAsync(stored.Hash, CancellationToken.None));
        Assert.Equal("SOAR1900", problem.Code);
        Assert.Contains("old.csx:2:7: error CS0103", problem.Message);
        Assert.Contains("parked", problem.Message);
    }

    [Fact]
    public async Task Names_are_found_in_the_folder_first_then_in_the_store()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "deep"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "deep", "other-file-name.csx"), Good);
        var stored = new CompiledPlaybook(new string('c', 64), "", "x.csx", Good.Replace("\"test\"", "\"kept\""), null!);
        var playbooks = new Playbooks(Compiler(folder, Builder), folder.Path, new StoredVersions(_ => Task.FromResult<CompiledPlaybook?>(stored), name => Task.FromResult(name == "kept" ? stored : null)));
        Assert.Equal("test", (await playbooks.ByNameAsync("test", CancellationToken.None)).Header.Name);
        Assert.Equal("kept", (await playbooks.ByNameAsync("kept", CancellationToken.None)).Header.Name);
        var missing = await Assert.ThrowsAsync<NotFoundException>(() => playbooks.ByNameAsync("none", CancellationToken.None));
        Assert.Contains("none.csx", missing.Message);
    }

    [Fact]
    public async Task A_file_with_errors_tells_all_of_them()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "bad.csx");
        await File.WriteAllTextAsync(path, Head + "int a = \"x\";\nnonsense();");
        var problem = await Assert.ThrowsAsync<PlaybookRefusedException>(() => new Playbooks(Compiler(folder, Builder), folder.Path, StoredVersions.None).FromFileAsync(path, CancellationToken.None));
        Assert.Equal(["CS0029", "CS0103"], problem.Diagnostics.Select(d => d.Code));
        Assert.Contains($"{path}:3:1: error CS0103", problem.Message);
        Assert.Equal("SOAR1000", problem.Code);
    }

    [Fact]
    public async Task The_catalogue_reads_every_file_and_its_errors()
    {
        using var folder = new TempFolder();
        using var cache = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "test.csx"), Good);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "broken.csx"), Good.Replace("\"test\"", "\"broken\"") + "nonsense();");
        Directory.CreateDirectory(Path.Combine(folder.Path, "sub"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "zub.csx"), Good.Replace("\"test\"", "\"sub\""));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "sub", "test.csx"), Good + " // the same name");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "notes.txt"), "not a playbook");
        var entries = await PlaybookCatalog.ReadAsync(folder.Path, Compiler(cache, Builder), parallel: 2, CancellationToken.None);
        Assert.Equal(
            ["broken.csx broken CS0103", "sub/test.csx test ", "test.csx test SOAR1032", "zub.csx sub SOAR1033"],
            entries.Select(e => $"{e.File} {e.Header?.Name} {string.Join(',', e.Diagnostics.Select(d => d.Code))}"));
        var other = entries[3].Diagnostics[0];
        Assert.Equal((1, 10, 15, "Rename the file to sub.csx, and its tests to sub.tests.yaml; or give the playbook the file's name."), (other.Line, other.Column, other.EndColumn, other.Remedy));
    }

    private static PlaybookCompiler Compiler(TempFolder folder, IPlaybookBuilder builder, string? surface = null) =>
        new(builder, surface ?? Surface.Hash, new PlaybookCache(folder.Path, new PlaybookCacheOptions(), TimeProvider.System));

    private sealed class Counting : IPlaybookBuilder
    {
        public int Builds { get; private set; }

        public Task<BuildResult> BuildAsync(string text, string file, BuildOptions options, CancellationToken cancellation)
        {
            Builds++;
            return Builder.BuildAsync(text, file, options, cancellation);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
