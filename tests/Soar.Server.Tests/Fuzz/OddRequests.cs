using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Soar.Server.Tests.Fuzz;

/// <summary>A request as it goes out.</summary>
/// <param name="Body">Null: none.</param>
internal sealed record OddRequest(HttpMethod Method, string Path, byte[]? Body, string? ContentType, IReadOnlyList<(string Name, string Value)> Headers)
{
    public HttpRequestMessage Message()
    {
        var message = new HttpRequestMessage(Method, Path);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            if (ContentType is not null) message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (var (name, value) in Headers) message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    public override string ToString()
    {
        var body = Body is null ? "no body" : $"{ContentType ?? "no content type"}, {Body.Length} bytes: {Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(600, Body.Length)))}";
        return $"{Method} {(Path.Length > 300 ? Path[..300] + "…" : Path)} {string.Join(' ', Headers.Select(h => $"{h.Name}: {h.Value}"))}\n  {body}";
    }
}

/// <summary>Makes requests for an operation: such as the document allows, and such as nobody should send.</summary>
internal sealed class OddRequests(OddValues values, Random random, int largest)
{
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 5_000 };

    private static readonly string[] Wholes = ["", "null", "[]", "{}", "5", "\"x\"", "{", "[[[[", "{\"a\":", "\uFEFF{}", "{}{}", "// x", "{'a':1}", "true", "{\"\":{}}", "NaN"];

    private static readonly string?[] Types = [null, "text/plain", "application/xml", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/json;;;", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/x-ndjson", "x"];

    private static readonly (string, string)[] Headers =
    [
        ("Accept", "text/plain"), ("Accept", ";;;"), ("Last-Event-ID", "99999999999999999999"), ("Last-Event-ID", "-1"), ("Last-Event-ID", "zz"), ("Range", "bytes=9-1"), ("If-None-Match", "*"), ("X-HTTP-Method-Override", "DELETE"),
        ("Accept-Encoding", "x;q=9"), ("Accept-Language", "mk-MK;q=nan"), ("Expect", "200-maybe"), ("Authorization", "Bearer"), ("Authorization", "Basic !!!"), ("Authorization", "Bearer ..."), ("Cookie", "soar-session=; soar-session=x; =;"),
        ("X-Soar-Antiforgery", "wrong"), ("X-Forwarded-For", "' OR 1=1"), ("Content-Encoding", "gzip"), ("traceparent", "00-zz"), ("Origin", "null"), ("X-Hub-Signature-256", "sha256=zz"),
    ];

    /// <summary>As the document says.</summary>
    public OddRequest Plausible(Operation operation) => new(operation.Method, PathOf(operation), operation.Body is { } schema ? Bytes(BodyOf(operation, schema)) : null, operation.ContentTypes.Count > 0 ? values.Pick(operation.ContentTypes) : null, []);

    /// <summary>With one or more things wrong with it.</summary>
    public OddRequest Broken(Operation operation)
    {
        var request = Plausible(operation);
        if (random.Next(3) == 0) request = request with { Headers = [values.Pick(Headers)] };
        if (random.Next(6) == 0) request = request with { Path = request.Path + (request.Path.Contains('?') ? "&" : "?") + Query("x", values.Text("x")) + "&max=1&max=2" };
        if (operation.Body is not { } schema) return random.Next(3) == 0 ? request with { Body = Encoding.UTF8.GetBytes(values.Pick(Wholes)), ContentType = values.Pick(Types) } : request;
        if (random.Next(6) == 0) request = request with { ContentType = values.Pick(Types) };
        return request with { Body = BrokenBody(BodyOf(operation, schema)) };
    }

    /// <summary>The same path with a method that is not in the document.</summary>
    public OddRequest WithMethod(Operation operation, string method) => new(new HttpMethod(method), PathOf(operation), null, null, []);

    private JsonNode? BodyOf(Operation operation, JsonElement schema) => values.Of(schema, operation.Path.Split('/')[^1]);

    private byte[] BrokenBody(JsonNode? body)
    {
        switch (random.Next(11))
        {
            case 0: return Encoding.UTF8.GetBytes(values.Pick(Wholes));
            case 1: return Bytes(body)[..random.Next(Bytes(body).Length)];
            case 2: return [.. Bytes(body).Select(octet => random.Next(40) == 0 ? (byte)random.Next(256) : octet)];
            case 3: return Encoding.UTF8.GetBytes(new string('[', random.Next(60, 3_000)));
            case 4: return Encoding.UTF8.GetBytes("{\"a\":\"" + new string('x', largest + random.Next(-100, 100_000)) + "\"}");
            case 5 when body is JsonObject { Count: > 0 } twice:
                var first = twice.First();
                return Encoding.UTF8.GetBytes($"{{{JsonSerializer.Serialize(first.Key)}:1,{Encoding.UTF8.GetString(Bytes(body))[1..]}");
            case 6 when body is JsonObject { Count: > 0 } nested:
                nested[values.Pick(nested.Select(field => field.Key).ToList())] = Deep(random.Next(10, 200));
                return Bytes(body);
        }

        if (body is not JsonObject fields) return Bytes(values.Anything(0));
        var names = fields.Select(field => field.Key).ToList();
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            if (names.Count == 0 || random.Next(6) == 0) fields[values.Text("field")] = values.Anything(1);
            else if (random.Next(3) == 0) fields.Remove(values.Pick(names));
            else fields[values.Pick(names)] = values.Anything(1);
        }

        return Bytes(body);
    }

    private static JsonNode Deep(int levels)
    {
        JsonNode at = new JsonArray();
        for (; levels > 0; levels--) at = levels % 2 == 0 ? new JsonArray(at) : new JsonObject { ["a"] = at };
        return at;
    }

    /// <summary>Half a surrogate pair can only be written as its escape.</summary>
    private static byte[] Bytes(JsonNode? body) => Encoding.UTF8.GetBytes((body?.ToJsonString(AsWritten) ?? "null").Replace(OddValues.Lone, "\\ud800", StringComparison.Ordinal));

    private string PathOf(Operation operation)
    {
        var resource = operation.Path.Split('/') is [_, "api", var first, ..] ? first : "";
        if (operation.Path.StartsWith("/api/drafts/dry-runs", StringComparison.Ordinal)) resource = "questions";
        var path = operation.Path;
        var query = new List<string>();
        foreach (var (name, place, required, schema) in operation.Parameters)
        {
            var format = schema.TryGetProperty("format", out var told) ? told.GetString() : null;
            // Dots alone are resolved by whoever sends: that would be another path.
            if (place == "path") path = path.Replace($"{{{name}}}", Escaped(values.Text($"{resource}.{name}", format) is { Length: > 0 } text && text is not ("." or "..") ? text : "x"), StringComparison.Ordinal);
            else if (required ? random.Next(8) > 0 : random.Next(2) == 0) query.Add(Query(name, format is null && values.Of(schema, name) is { } value ? value.ToString() : values.Text(name, format)));
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private static string Query(string name, string value) => $"{name}={Escaped(value)}";

    // Short enough for a request line, whose end the framework watches.
    private static string Escaped(string text) => Uri.EscapeDataString(text.Length > 100 ? text[..100] : text).Replace(Uri.EscapeDataString(OddValues.Lone), "%ED%A0%80", StringComparison.Ordinal);
}
