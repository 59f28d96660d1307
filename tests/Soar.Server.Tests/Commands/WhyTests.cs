using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary><c>soar show --why</c>: a run is replayed in a tracing build, in the jail where all playbook code runs.</summary>
public sealed class WhyTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void Each_branch_is_told_with_the_values_it_saw_also_of_a_run_that_failed()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        deployment.File("decide.csx", """
            Playbook("decide", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            var limit = Input("limit", 2, "How many");
            for (var i = 0; i < limit; i++)
                await Note($"Round {i}");
            if (limit > 1)
                throw new InvalidOperationException("more than one");
            """);
        var run = Assert.Single(System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(RunsAfter("run", "decide")).EnumerateArray()).GetProperty("id").GetString()!;

        var (exit, why) = deployment.Soar("show", run, "--why");

        Assert.Equal(0, exit);
        var told = why[why.IndexOf("Why (", StringComparison.Ordinal)..].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim());
        const string loop = "decide.csx:3 For var i = 0; i < limit; i++:";
        Assert.Equal(
            [
                $"{loop} goes on", "i = 0", "limit = 2", $"{loop} goes on", "i = 1", "limit = 2", $"{loop} ends", "i = 2", "limit = 2",
                "decide.csx:5 limit > 1: yes", "limit = 2",
            ], told);
    }

    [Fact]
    public void As_json_the_why_is_told_and_nothing_is_cut()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        var text = new string('x', 300);
        deployment.File("decide.csx", $$"""
            Playbook("decide", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            var limit = Input("limit", 2, "How many");
            if (limit > 1)
                await Note("{{text}}");
            """);
        var run = Assert.Single(System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(RunsAfter("run", "decide")).EnumerateArray()).GetProperty("id").GetString()!;
        var shown = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(deployment.Soar("show", run, "--why", "--json").Output);
        var branch = Assert.Single(shown.GetProperty("why").EnumerateArray());
        Assert.Equal(3, branch.GetProperty("line").GetInt32());
        Assert.Equal("limit = 2", $"{branch.GetProperty("saw")[0].GetProperty("text").GetString()} = {branch.GetProperty("saw")[0].GetProperty("value").GetString()}");
        var intent = Assert.Single(shown.GetProperty("timeline").EnumerateArray(), entry => entry.GetProperty("kind").GetString() == "Intent");
        Assert.Equal(text, intent.GetProperty("payload").GetProperty("arguments").GetProperty("text").GetString());
    }

    /// <summary>The transport without a process is for tests: nothing of the program can hold playbook code.</summary>
    [Fact]
    public void The_program_runs_no_playbook_code_in_a_process_that_is_not_jailed()
    {
        using var pe = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "soar.dll")));
        var reader = pe.GetMetadataReader();
        var used = reader.TypeReferences.Select(handle => reader.GetString(reader.GetTypeReference(handle).Name)).ToHashSet();
        Assert.Contains("ProcessHost", used);
        Assert.DoesNotContain("InProcessHost", used);
    }

    private string RunsAfter(params string[] arguments)
    {
        deployment.Soar(arguments);
        return deployment.Soar("runs", "--json").Output;
    }
}
