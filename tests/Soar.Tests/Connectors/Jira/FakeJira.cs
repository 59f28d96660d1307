using Soar.Testing.Contract;
using System.Text.Json.Nodes;

namespace Soar.Tests.Connectors.Jira;

/// <summary>As much of a Jira as a tracker needs, in memory behind a real HTTP server, in both editions: issues with labels, comments, a workflow of four statuses, a history.</summary>
internal sealed class FakeJira : IAsyncDisposable
{
    /// <summary>Transition id, name of the status that it leads to, category.</summary>
    public static readonly (string Id, string To, string Category)[] Workflow = [("11", "To Do", "new"), ("21", "In Progress", "indeterminate"), ("5", "Done", "done"), ("31", "Peer Review", "indeterminate")];

    private readonly Lock gate = new();
    private readonly LoopbackHttp server;
    private int ids = 10_000;

    public FakeJira() => server = new LoopbackHttp(Answer);

    public Uri Address => server.Address;
    public IReadOnlyList<HttpAsked> Requests => server.Requests;
    public List<JsonObject> Issues { get; } = [];

    /// <summary>False: the index does not show new issues yet.</summary>
    public bool Indexed { get; set; } = true;
    public DateTimeOffset Now { get; set; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Answers instead of Jira where it is not null; "drop" closes without an answer.</summary>
    public Func<HttpAsked, string?>? Instead { get; set; }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    public JsonObject Open(string summary, string author, params string[] labels)
    {
        var issue = new JsonObject
        {
            ["key"] = $"SOC-{Issues.Count + 1}", ["labels"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]), ["comments"] = new JsonArray(), ["history"] = new JsonArray(),
            ["fields"] = new JsonObject { ["summary"] = summary, ["status"] = Status("To Do"), ["assignee"] = null, ["created"] = Time() },
        };
        Issues.Add(issue);
        return issue;
    }

    public void Comments(JsonObject issue, string author, JsonNode body) => issue["comments"]!.AsArray().Add(new JsonObject { ["id"] = $"{++ids}", ["author"] = User(author), ["body"] = body, ["created"] = Time() });

    public void Moves(JsonObject issue, string author, string to)
    {
        var from = (string)issue["fields"]!["status"]!["name"]!;
        issue["fields"]!["status"] = Status(to);
        issue["history"]!.AsArray().Add(new JsonObject { ["id"] = $"{++ids}", ["author"] = User(author), ["created"] = Time(), ["items"] = new JsonArray(new JsonObject { ["field"] = "status", ["fromString"] = from, ["toString"] = to }) });
    }

    internal string? Answer(HttpAsked request)
    {
        lock (gate)
        {
            if (Instead?.Invoke(request) is { } instead)
                return instead == "drop" ? null : instead;
            var at = new Uri(Address, request.Target);
            var query = System.Web.HttpUtility.ParseQueryString(at.Query);
            var body = request.Body.Length > 0 ? JsonNode.Parse(request.Body)!.AsObject() : null;
            return (request.Method, at.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)[3..]) switch
            {
                ("GET", ["myself"]) => Json(200, User("soar")),
                ("GET", ["search", "jql"] or ["search"]) => Json(200, new JsonObject { ["issues"] = new JsonArray([.. Found(query["jql"]!).Select(issue => issue.DeepClone())]) }),
                ("POST", ["issue"]) => Json(201, new JsonObject { ["id"] = "10000", ["key"] = (string)Open((string)body!["fields"]!["summary"]!, "soar", [.. body["fields"]!["labels"]!.AsArray().Select(label => (string)label!)])["key"]! }),
                ("GET", ["issue", var key]) when query["expand"] == "changelog" => Json(200, With(Issue(key), "changelog", new JsonObject { ["histories"] = new JsonArray([.. Issue(key)["history"]!.AsArray().Reverse().Select(entry => entry!.DeepClone())]) })),
                ("GET", ["issue", var key]) => Issues.Exists(issue => (string)issue["key"]! == key) ? Json(200, Issue(key)) : Json(404, new JsonObject { ["errorMessages"] = new JsonArray("Issue does not exist or you do not have permission to see it.") }),
                ("GET", ["issue", var key, "comment"]) => Issues.Exists(issue => (string)issue["key"]! == key) ? Json(200, new JsonObject { ["comments"] = Page(Issue(key)["comments"]!.AsArray(), query, query["orderBy"] == "-created") }) : Json(404, []),
                ("POST", ["issue", var key, "comment"]) => Commented(Issue(key), body!),
                ("GET", ["issue", var key, "changelog"]) => Json(200, new JsonObject { ["values"] = Page(Issue(key)["history"]!.AsArray(), query, reverse: false) }),
                ("GET", ["issue", _, "transitions"]) => Json(200, new JsonObject { ["transitions"] = new JsonArray([.. Workflow.Select(way => new JsonObject { ["id"] = way.Id, ["to"] = Status(way.To) })]) }),
                ("POST", ["issue", var key, "transitions"]) => Moved(Issue(key), (string)body!["transition"]!["id"]!),
                ("GET", ["mypermissions"]) => Json(200, new JsonObject { ["permissions"] = new JsonObject(query["permissions"]!.Split(',').Select(right => KeyValuePair.Create(right, (JsonNode?)new JsonObject { ["havePermission"] = true }))) }),
                _ => Json(404, []),
            };
        }
    }

    private JsonObject Issue(string key) => Issues.Find(issue => (string)issue["key"]! == key)!;

    private string Commented(JsonObject issue, JsonObject comment)
    {
        Comments(issue, "soar", comment["body"]!.DeepClone());
        return Json(201, (JsonObject)issue["comments"]!.AsArray()[^1]!);
    }

    private string Moved(JsonObject issue, string transition)
    {
        Moves(issue, "soar", Workflow.Single(way => way.Id == transition).To);
        return "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    }

    private IEnumerable<JsonObject> Found(string jql)
    {
        var word = jql.Split('"', '\\').First(part => part.StartsWith("soar-", StringComparison.Ordinal) || Issues.Exists(issue => ((string)issue["fields"]!["summary"]!).Contains(part, StringComparison.Ordinal)) && part.Length > 4);
        return !Indexed ? [] : Issues.Where(issue => issue["labels"]!.AsArray().Any(label => (string)label! == word) || ((string)issue["fields"]!["summary"]!).Contains(word, StringComparison.Ordinal));
    }

    private static JsonArray Page(JsonArray all, System.Collections.Specialized.NameValueCollection query, bool reverse) =>
        new([.. (reverse ? all.Reverse() : all).Skip(int.Parse(query["startAt"]!)).Take(int.Parse(query["maxResults"]!)).Select(item => item!.DeepClone())]);

    private static JsonObject With(JsonObject issue, string name, JsonNode value)
    {
        var copy = (JsonObject)issue.DeepClone();
        copy[name] = value;
        return copy;
    }

    private static JsonObject User(string name) => new() { ["accountId"] = $"id-{name}", ["displayName"] = name };

    private static JsonObject Status(string name) => new() { ["name"] = name, ["statusCategory"] = new JsonObject { ["key"] = Workflow.Single(way => way.To == name).Category } };

    private static string Json(int status, JsonObject body) => LoopbackHttp.Answer(status, body.ToJsonString());

    private string Time() => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff") + "+0000";
}
