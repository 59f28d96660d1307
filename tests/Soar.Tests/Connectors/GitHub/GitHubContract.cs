using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.GitHub;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.GitHub;

public sealed class GitHubContract : ConnectorSuite<GitHubConnector, GitHubSettings, HttpOtherSide>, IAsyncDisposable
{
    private readonly List<FakeGitHub> fakes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var fake in fakes) await fake.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override HttpOtherSide Double()
    {
        var github = new FakeGitHub();
        fakes.Add(github);
        github.Open("Attack", "one of ours", "ana");
        github.Happens(1, "commented", "ana", ("body", "seen"));
        return HttpOtherSide.Speaking(github.Answer, () => JsonSerializer.Serialize(new { github.Issues, github.Timelines }));
    }

    protected override GitHubSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Repository = "cert/incidents", Token = Canary, Timeout = other.Patience };

    protected override IEnumerable<(GitHubSettings Settings, string Field)> Wrong(GitHubSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Repository = "incidents" }, "repository"), (good with { Token = null }, "token"), (good with { App = "x" }, "privateKey"),
        (good with { LookEvery = TimeSpan.Zero }, "lookEvery"),
    ];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch { "ticket" => "1", "since" => "", _ => Values.Of(parameter) };

    protected override bool KeepsKey(ActionDescriptor action) => action.Id != "tickets.setstatus"; // a status carries no key
}
