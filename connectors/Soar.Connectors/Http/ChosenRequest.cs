using System.Net.Http.Headers;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Http;

/// <summary>
/// What a playbook chose to send: method, headers and body, checked before anything is sent. Data may stand in each of them, so nothing here may end one header and begin another, speak
/// for somebody else, or frame the message.
/// </summary>
internal static class ChosenRequest
{
    private const int MostHeaders = 32;
    private const int LongestHeader = 4_096;

    private static readonly HttpMethod[] Methods = [HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    private static readonly Dictionary<string, string> NotYours = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Authorization"] = Credential, ["Proxy-Authorization"] = Credential, ["Cookie"] = Credential, ["Cookie2"] = Credential,
        ["Host"] = "it goes to the instance's address",
        ["Content-Type"] = "say it as mediaType", ["Content-Encoding"] = Framing, ["Content-Length"] = Framing, ["Transfer-Encoding"] = Framing, ["Connection"] = Framing, ["Keep-Alive"] = Framing,
        ["Proxy-Connection"] = Framing, ["TE"] = Framing, ["Trailer"] = Framing, ["Upgrade"] = Framing, ["Expect"] = Framing, ["Accept-Encoding"] = Framing,
        ["Allow"] = Answers, ["Expires"] = Answers, ["Last-Modified"] = Answers,
        ["Idempotency-Key"] = "it holds the key that Soar repeats this step under", ["User-Agent"] = "it says Soar",
    };

    /// <summary>Headers of a body begin so; they have no place in a request without one.</summary>
    private const string OfBody = "Content-";

    private const string Credential = "credentials are the instance's settings";
    private const string Answers = "it is a header of answers";
    private const string Framing = "Soar frames the message itself";

    public static HttpCall Of(HttpSettings settings, string method, string path, string? body, string? mediaType, IReadOnlyDictionary<string, string>? headers, IReadOnlyDictionary<string, string>? form)
    {
        var verb = Array.Find(Methods, known => known.Method == method)
            ?? throw Refused("method", $"'{Charsets.Short(method)}' is not sent. Write {string.Join(", ", Methods.Select(known => known.Method))}.");
        var address = HttpConnector.Join(settings, path);
        var reads = verb == HttpMethod.Get || verb == HttpMethod.Head;
        var call = reads ? HttpCall.Reads(verb, address) : HttpCall.Changes(verb, address);
        if (reads && (body is not null || form is not null))
            throw Refused("body", $"a {verb.Method} carries no body. Leave it out, or choose another method.");
        var ofBody = new List<(string Name, string Value)>();
        foreach (var (name, value) in Checked(settings, headers ?? new Dictionary<string, string>()))
            if (name.StartsWith(OfBody, StringComparison.OrdinalIgnoreCase))
                ofBody.Add((name, value));
            else
                call = call.Header(name, value);
        if (ofBody.Count > 0 && body is null)
            throw Refused("headers", $"{ofBody[0].Name} says something about a body, and there is none. Give body, or leave it out.");
        if (form is null)
            return body is null ? WithoutBody(call, mediaType) : call.Body(Content(Encoding.UTF8.GetBytes(body), MediaType(mediaType), ofBody));
        if (body is not null || mediaType is not null)
            throw Refused("form", "a form is the whole body and has its media type. Leave body and mediaType out.");
        return call.Form(form.Select(field => (field.Key, field.Value ?? throw Refused("form", $"the field '{Charsets.Short(field.Key)}' is null. Look at where the playbook takes it from."))));
    }

    private static Func<HttpContent> Content(byte[] body, string mediaType, IReadOnlyList<(string Name, string Value)> headers) => () =>
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } };
        foreach (var (name, value) in headers)
            content.Headers.TryAddWithoutValidation(name, value);
        return content;
    };

    private static HttpCall WithoutBody(HttpCall call, string? mediaType) => mediaType is null ? call : throw Refused("mediaType", "there is no body that it could be the type of. Give body, or leave it out.");

    private static IEnumerable<(string Name, string Value)> Checked(HttpSettings settings, IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > MostHeaders)
            throw Refused("headers", $"{headers.Count} are too many; at most {MostHeaders} are sent.");
        foreach (var (name, value) in headers)
        {
            if (name.Length is 0 or > 100 || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
                throw Refused("headers", $"'{Charsets.Short(name)}' is not a header's name.");
            if (NotYours.TryGetValue(name, out var why) || (string.Equals(name, settings.KeyHeader, StringComparison.OrdinalIgnoreCase) && (why = Credential) is not null))
                throw Refused("headers", $"{name} is not taken from a playbook: {why}.");
            if (value is null || value.Length > LongestHeader || value.Any(character => character is < ' ' or > '~'))
                throw Refused("headers", $"the value of {name} is not plain ASCII of at most {LongestHeader} characters in one line.");
            yield return (name, value);
        }
    }

    // The body is sent as UTF-8, so that is what its type says where it says anything.
    private static string MediaType(string? mediaType)
    {
        if (mediaType is null)
            throw Refused("mediaType", "is missing: say what the body is, for example application/xml or text/plain.");
        if (mediaType.Length > 200 || !MediaTypeHeaderValue.TryParse(mediaType, out var type) || type.MediaType is not { } name)
            throw Refused("mediaType", $"'{Charsets.Short(mediaType)}' is no media type. Write one such as application/xml.");
        if (type.CharSet is null && (name.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || name.EndsWith("/xml", StringComparison.OrdinalIgnoreCase) || name.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)))
            type.CharSet = "utf-8";
        return type.CharSet is null || type.CharSet.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? type.ToString()
            : throw Refused("mediaType", $"bodies are sent as UTF-8, not as {Charsets.Short(type.CharSet)}. Leave charset out.");
    }

    private static ConnectorFailure Refused(string field, string what) => ConnectorFailure.Permanent($"Http.Send: {field}: {what}", reason: field);
}
