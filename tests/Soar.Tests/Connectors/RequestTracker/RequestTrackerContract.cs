using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Connectors.RequestTracker;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.RequestTracker;

/// <summary>RT itself is proven in the lab; the double keeps one ticket and what is done to it, and answers as REST2 does.</summary>
public sealed partial class RequestTrackerContract : ConnectorSuite<RequestTrackerConnector, RequestTrackerSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var rt = new Rt();
        return new HttpOtherSide(rt.Answer, rt.State);
    }

    protected override RequestTrackerSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Token = Canary, Queue = "Incidents", Timeout = other.Patience };

    protected override IEnumerable<(RequestTrackerSettings Settings, string Field)> Wrong(RequestTrackerSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Token = null }, "token"), (good with { Queue = "" }, "queue"), (good with { LookEvery = TimeSpan.Zero }, "lookEvery"),
        (good with { Statuses = new Dictionary<string, string> { ["done"] = "x" } }, "statuses"),
    ];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch { "ticket" => "7", "since" => "1", _ => Values.Of(parameter) };

    protected override bool KeepsKey(ActionDescriptor action) => action.Id != "tickets.setstatus"; // a status carries no key

    private sealed partial class Rt
    {
        private readonly List<(int Id, string Type, string Text)> entries = [];
        private readonly List<(string Id, string Link)> created = [];
        private string status = "new";
        private int Version => 1 + entries.Count;

        public string State() => $"{status} {string.Join(",", created)} {string.Join(",", entries)}";

        public HttpTold Answer(HttpAsked request)
        {
            using var sent = request.Body.Length > 0 ? JsonDocument.Parse(request.Body) : null;
            string Sent(string name) => sent!.RootElement.GetProperty(name).GetString()!;
            var path = request.Path["/REST/2.0/".Length..];
            switch (request.Method, path)
            {
                case ("GET", "rt"):
                    return Json(new { Version = "5.0.3" });
                case ("GET", "queue/Incidents"):
                    return new HttpTold(200, """{"id":1,"Disabled":"0","_hyperlinks":[{"ref":"create"}]}""");
                case ("GET", "tickets"):
                    var link = Link().Match(request.Query("query")!);
                    return Items(created.Where(ticket => !link.Success || ticket.Link == link.Groups[1].Value).Select(ticket => TicketOf(ticket.Id, "new")));
                case ("POST", "ticket"):
                    created.Add(($"{8 + created.Count}", Sent("RefersTo")));
                    return new HttpTold(201, JsonSerializer.Serialize(new { id = created[^1].Id, type = "ticket" }));
                case ("POST", "ticket/7/comment" or "ticket/7/correspond"):
                    Add(path.EndsWith("comment", StringComparison.Ordinal) ? "Comment" : "Correspond", Sent("Content"));
                    return new HttpTold(201, """["added"]""", "application/json", $"Location: {Root}transaction/{entries[^1].Id}");
                case ("PUT", "ticket/7"):
                    status = Sent("Status");
                    Add("Status", status);
                    return new HttpTold(200, """["Ticket 7: status changed"]""");
                case ("GET", "transactions"):
                    var type = TypeOf().Match(request.Query("query")!);
                    return Items(entries.Where(entry => !type.Success || entry.Type == type.Groups[1].Value).Select(Entry));
                case ("GET", _) when Transaction().Match(path) is { Success: true } one && entries.Find(entry => entry.Id == int.Parse(one.Groups[1].Value)) is { Id: > 0 } found:
                    return one.Groups[2].Success ? Items([new { id = found.Id, ContentType = "text/plain", Filename = "" }]) : Json(Entry(found));
                case ("GET", _) when path.StartsWith("attachment/", StringComparison.Ordinal) && entries.Find(entry => $"attachment/{entry.Id}" == path) is { Id: > 0 } written:
                    return Json(new { id = written.Id, ContentType = "text/plain", Content = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(written.Text)) });
                case ("GET", _) when path.StartsWith("ticket/", StringComparison.Ordinal):
                    var id = path["ticket/".Length..];
                    return id == "7" || created.Exists(ticket => ticket.Id == id)
                        ? Json(TicketOf(id, id == "7" ? status : "new")) with { Headers = [$"ETag: \"{Version}\""] }
                        : new HttpTold(404, """{"message":"Resource does not exist"}""");
                default:
                    return new HttpTold(404, """{"message":"no such resource"}""");
            }
        }

        private const string Root = "/REST/2.0/";

        private void Add(string type, string text) => entries.Add((2 + entries.Count, type, text));
        private static HttpTold Json(object body) => new(200, JsonSerializer.Serialize(body));
        private static HttpTold Items(IEnumerable<object> items) => Json(new { items = items.ToList() });
        private static object Entry((int Id, string Type, string Text) entry) =>
            new { id = entry.Id, entry.Type, Creator = new { id = "ana" }, Created = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ"), OldValue = "", NewValue = "" };
        private static object TicketOf(string id, string status) =>
            new { id, Subject = "Attack", Status = status, Owner = new { id = "Nobody" }, Created = "2026-11-24T14:56:31Z", Resolved = "1970-01-01T00:00:00Z" };

        [GeneratedRegex("RefersTo = '([^']*)'", RegexOptions.None, 1000)]
        private static partial Regex Link();

        [GeneratedRegex(" Type = '([^']*)'", RegexOptions.None, 1000)]
        private static partial Regex TypeOf();

        [GeneratedRegex("^transaction/([0-9]+)(/attachments)?$", RegexOptions.None, 1000)]
        private static partial Regex Transaction();
    }
}
