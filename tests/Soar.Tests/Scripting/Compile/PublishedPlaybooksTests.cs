using Soar.Hosting;
using Soar.Scripting.Compile;
using Soar.Testing;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Where a playbook is published, that is what its name means, whatever the folder has.</summary>
public sealed class PublishedPlaybooksTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<PublishedText> published = [];

    public void Dispose() => folder.Dispose();

    private static string Text(string name, string version, string more = "") => $"Playbook(\"{name}\", version: \"{version}\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"A test.\");\n{more}";

    private void Publish(string name, string version, string more = "") => published.Add(new PublishedText(name, version, $"content of {name} {version}", $"{name}.csx", Text(name, version, more)));

    private Playbooks Playbooks(bool only = false) => new(
        new PlaybookCompiler(Compiling.Builder, Compiling.Surface.Hash, new PlaybookCache(Path.Combine(folder.Path, "cache"), new PlaybookCacheOptions(), TimeProvider.System)), folder.Path,
        StoredVersions.None with { Published = () => Task.FromResult<IReadOnlyList<PublishedText>>(published), PublishedOnly = only });

    private static async Task<string> VersionAsync(Task<CompiledPlaybook> playbook) => (await playbook).Header.Version;

    [Fact]
    public async Task A_name_means_what_is_published_and_its_file_else()
    {
        folder.File("block.csx", Text("block", "2.0.0"));
        folder.File("notify.csx", Text("notify", "1.0.0"));
        Publish("block", "1.0.0");
        Publish("gone", "1.5.0");
        var playbooks = Playbooks();
        Assert.Equal("1.0.0", await VersionAsync(playbooks.ByNameAsync("block", CancellationToken.None)));
        Assert.Equal("1.5.0", await VersionAsync(playbooks.ByNameAsync("gone", CancellationToken.None)));
        Assert.Equal("1.0.0", await VersionAsync(playbooks.ByNameAsync("notify", CancellationToken.None)));
        published.Clear();
        Assert.Equal("2.0.0", await VersionAsync(playbooks.ByNameAsync("block", CancellationToken.None)));
    }

    [Fact]
    public async Task Triggers_are_those_of_what_is_published_and_a_file_under_its_name_has_none()
    {
        folder.File("block.csx", Text("block", "2.0.0", "On.Webhook(\"of-the-file\");\n"));
        folder.File("notify.csx", Text("notify", "1.0.0", "On.Webhook(\"of-notify\");\n"));
        Publish("block", "1.0.0", "On.Webhook(\"of-the-version\");\n");
        var playbooks = Playbooks();
        async Task<string> HooksAsync() => string.Join(" ", (await playbooks.TriggeredByAsync("webhook", CancellationToken.None)).Playbooks.SelectMany(p => p.Header.Triggers).Select(t => t.Text).Order());
        Assert.Equal("of-notify of-the-version", await HooksAsync());

        published.Clear();
        Publish("block", "1.1.0", "On.Webhook(\"of-the-next\");\n");
        Assert.Equal("of-notify of-the-next", await HooksAsync());
        Assert.Equal("of-the-next", string.Join(" ", (await Playbooks(only: true).TriggeredByAsync("webhook", CancellationToken.None)).Playbooks.SelectMany(p => p.Header.Triggers).Select(t => t.Text)));
    }

    [Fact]
    public async Task A_published_version_that_does_not_compile_here_any_more_is_told_by_its_name()
    {
        Publish("block", "1.0.0", "On.Webhook(\"gate\");\nnonsense();\n");
        var broken = Assert.Single((await Playbooks().TriggeredByAsync("webhook", CancellationToken.None)).Broken);
        Assert.Equal("block.csx", broken.File);
        Assert.Contains("CS0103", broken.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_runs_for_real_only_where_it_is_what_is_published_or_nothing_is()
    {
        var block = folder.File("block.csx", Text("block", "2.0.0"));
        var notify = folder.File("notify.csx", Text("notify", "1.0.0"));
        Assert.Equal("2.0.0", await VersionAsync(Playbooks().FileToRunAsync(block, CancellationToken.None)));
        Publish("block", "1.0.0");
        var refused = await Assert.ThrowsAsync<SoarException>(() => Playbooks().FileToRunAsync(block, CancellationToken.None));
        Assert.Equal("SOAR2076", refused.Code);
        Assert.Contains("that is 1.0.0", refused.Message, StringComparison.Ordinal);
        published.Clear();
        Publish("block", "2.0.0");
        Assert.Equal("2.0.0", await VersionAsync(Playbooks().FileToRunAsync(block, CancellationToken.None)));

        Assert.Equal("1.0.0", await VersionAsync(Playbooks().FileToRunAsync(notify, CancellationToken.None)));
        Assert.Equal("SOAR2076", (await Assert.ThrowsAsync<SoarException>(() => Playbooks(only: true).FileToRunAsync(notify, CancellationToken.None))).Code);
        Assert.Equal("SOAR2076", (await Assert.ThrowsAsync<SoarException>(() => Playbooks(only: true).ByNameAsync("notify", CancellationToken.None))).Code);
    }
}
