using Soar.Scripting.Compile;
using Soar.Scripting.JavaScript;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Testing;

/// <summary>
/// Runs the tests beside a playbook with a text that is not published: as <c>soar test</c> does, on a host of its own, one playbook at a time. Sub-playbooks are what is published, as when the draft will be.
/// </summary>
internal sealed class DraftTests(Toolchain tools, VersionStore versions, TimeProvider clock)
{
    private readonly Playbooks playbooks = new(tools.Compiler, tools.Workspace.Playbooks, StoredVersions.None with { Published = versions.CurrentAsync });
    private readonly SemaphoreSlim one = new(1, 1);

    /// <param name="playbookFile">Where the tests stand beside.</param>
    /// <exception cref="SoarException">The text does not compile.</exception>
    /// <returns>Without a test file when there is none.</returns>
    public async Task<FileResult> RunAsync(string source, string playbookFile, CancellationToken cancellation)
    {
        if (TestFileReader.Beside(playbookFile) is not { } tests) return new FileResult(playbookFile, null, [], null);
        await one.WaitAsync(cancellation);
        try
        {
            await using var javaScript = new JavaScriptRunner(new JavaScriptOptions { Policy = tools.Settings.Jail }, ChildProgram.Entry, clock);
            await using var bench = await TestBench.OpenAsync(tools, playbooks, javaScript, clock, cancellation);
            var playbook = await bench.Playbooks.FromTextAsync(source, playbookFile, cancellation);
            return await new TestRunner(bench, clock) { Coverage = true }.RunAsync(playbook, tests, cancellation);
        }
        catch (SoarException unread) when (unread.Code == "SOAR5010")
        {
            return new FileResult(playbookFile, tests, [], unread.Message);
        }
        finally
        {
            one.Release();
        }
    }
}
