using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors.Jira;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Jira;

public sealed class JiraContract : ConnectorSuite<JiraConnector, JiraSettings, HttpOtherSide>, IAsyncDisposable
{
    private readonly List<FakeJira> fakes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var fake in fakes) await fake.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override HttpOtherSide Double()
    {
        var jira = new FakeJira();
        fakes.Add(jira);
        jira.Comments(jira.Open("value of an attack", "ana"), "ana", JsonValue.Create("seen"));
        return HttpOtherSide.Speaking(jira.Answer, () => JsonSerializer.Serialize(jira.Issues));
    }

    protected override JiraSettings Settings(HttpOtherSide other) =>
        new() { Address = other.Address, Edition = JiraEdition.DataCenter, Token = Canary, Project = "SOC", Timeout = other.Patience };

    protected override IEnumerable<(JiraSettings Settings, string Field)> Wrong(JiraSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Token = null }, "token"), (good with { User = "a@b" }, "user"), (good with { Project = "" }, "project"), (good with { IssueType = "" }, "issueType"),
        (good with { Labels = ["a b"] }, "labels"), (good with { Statuses = new Dictionary<string, string> { ["done"] = "x" } }, "statuses"),
        (good with { Resolutions = new Dictionary<string, string> { ["open"] = "x" } }, "resolutions"), (good with { LookEvery = TimeSpan.Zero }, "lookEvery"),
    ];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch { "ticket" => "SOC-1", "since" => "", _ => Values.Of(parameter) };

    protected override bool KeepsKey(ActionDescriptor action) => action.Id != "tickets.setstatus"; // a status carries no key
}
