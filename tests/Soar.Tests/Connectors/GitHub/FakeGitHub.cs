using Soar.Testing.Contract;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Soar.Tests.Connectors.GitHub;

/// <summary>As much of GitHub as a tracker needs, in memory behind a real HTTP server: issues, comments, timelines, pages by <c>Link</c>. That requests are shaped as GitHub wants them is proven elsewhere.</summary>
internal sealed class FakeGitHub : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly LoopbackHttp server;
    private long ids = 1_000;

    public FakeGitHub() => server = new LoopbackHttp(Answer);

    public Uri Address => server.Address;
    public IReadOnlyList<HttpAsked> Requests => server.Requests;
    public List<JsonObject> Issues { get; } = [];
    public Dictionary<int, List<JsonObject>> Timelines { get; } = [];
    public int PageSize { get; set; } = 100;
    public DateTimeOffset Now { get; set; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Answers instead of GitHub where it is not null.</summary>
    public Func<HttpAsked, string?>? Instead { get; set; }

    /// <summary>Whose credential each request carries.</summary>
    public Func<HttpAsked, string> User { get; set; } = _ => "soar-desk";

    public ValueTask DisposeAsync() => server.DisposeAsync();

    public JsonObject Open(string title, string body, string by)
    {
        var number = Issues.Count + 1;
        var issue = new JsonObject
        {
            ["number"] = number, ["title"] = title, ["body"] = body, ["state"] = "open", ["state_reason"] = null, ["created_at"] = Iso(), ["html_url"] = $"https://github.example/cert/incidents/issues/{number}",
            ["user"] = new JsonObject { ["login"] = by }, ["assignee"] = null,
        };
        Issues.Add(issue);
        Timelines[number] = [];
        return issue;
    }

    public JsonObject Happens(int number, string what, string by, params (string Name, JsonNode? Value)[] more)
    {
        var entry = new JsonObject { ["id"] = ++ids, ["event"] = what, ["created_at"] = Iso(), [what == "commented" ? "user" : "actor"] = new JsonObject { ["login"] = by } };
        foreach (var (name, value) in more)
            entry[name] = value;
        Timelines[number].Add(entry);
        return entry;
    }

    internal string? Answer(HttpAsked request)
    {
        lock (gate)
        {
            if (Instead?.Invoke(request) is { } instead)
                return instead == "drop" ? null : instead;
            var at = new Uri(Address, request.Target);
            var query = System.Web.HttpUtility.ParseQueryString(at.Query);
            var path = at.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var body = request.Body.Length > 0 ? JsonNode.Parse(request.Body)!.AsObject() : null;
            return (request.Method, path) switch
            {
                ("GET", ["user"]) => Json(200, new JsonObject { ["login"] = User(request) }),
                ("GET", ["repos", "cert", "incidents"]) => Json(200, new JsonObject { ["has_issues"] = true, ["archived"] = false }),
                ("GET", ["repos", "cert", "incidents", "issues"]) => Page(Issues.AsEnumerable().Reverse(), at, query["page"]),
                ("POST", ["repos", "cert", "incidents", "issues"]) => Json(201, Open((string)body!["title"]!, (string)body["body"]!, User(request))),
                ("GET", ["repos", "cert", "incidents", "issues", var number]) => Json(200, Issue(number)),
                ("PATCH", ["repos", "cert", "incidents", "issues", var number]) => Json(200, Patch(Issue(number), body!, User(request))),
                ("GET", ["repos", "cert", "incidents", "issues", var number, "comments"]) => Page(Timelines[int.Parse(number)].Where(entry => (string)entry["event"]! == "commented"), at, query["page"]),
                ("POST", ["repos", "cert", "incidents", "issues", var number, "comments"]) => Json(201, Happens(int.Parse(number), "commented", User(request), ("body", (string)body!["body"]!))),
                ("GET", ["repos", "cert", "incidents", "issues", var number, "timeline"]) => Page(Timelines[int.Parse(number)], at, query["page"]),
                ("GET", ["search", "issues"]) => Json(200, new JsonObject { ["items"] = new JsonArray([.. Found(query["q"]!).Select(issue => issue.DeepClone())]) }),
                _ => LoopbackHttp.Answer(404, """{"message":"Not Found"}"""),
            };
        }
    }

    private JsonObject Issue(string number) => Issues[int.Parse(number) - 1];

    private JsonObject Patch(JsonObject issue, JsonObject change, string by)
    {
        // A reason is taken only when the state changes, as GitHub has it.
        if ((string)issue["state"]! == (string)change["state"]!)
            return issue;
        issue["state"] = (string)change["state"]!;
        issue["state_reason"] = (string)change["state_reason"]!;
        Happens((int)issue["number"]!, (string)issue["state"]! == "closed" ? "closed" : "reopened", by, ("state_reason", (string)change["state_reason"]!));
        return issue;
    }

    private IEnumerable<JsonObject> Found(string query)
    {
        var words = query.Split('"')[1];
        return Issues.Where(issue => ((string)issue[query.Contains("in:body", StringComparison.Ordinal) ? "body" : "title"]!).Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    private string Page(IEnumerable<JsonObject> items, Uri at, string? page)
    {
        var number = int.Parse(page ?? "1");
        var all = items.ToList();
        var part = new JsonArray([.. all.Skip((number - 1) * PageSize).Take(PageSize).Select(item => item.DeepClone())]);
        var separator = at.Query.Length > 0 ? "&" : "?";
        var bare = at.ToString().Split("&page=")[0];
        return all.Count > number * PageSize
            ? LoopbackHttp.Answer(200, part.ToJsonString(), headers: $"Link: <{bare}{separator}page={number + 1}>; rel=\"next\", <{bare}{separator}page=99>; rel=\"last\"")
            : LoopbackHttp.Answer(200, part.ToJsonString(), headers: $"Link: <{bare}{separator}page=1>; rel=\"first\"");
    }

    private static string Json(int status, JsonObject body) => LoopbackHttp.Answer(status, body.ToJsonString());

    private string Iso() => Now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ");
}
